"""What each step does, by make or by its script, without building a container."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from image.verification import NAME

ROOT = Path(__file__).parents[2]
DIGEST = "sha256:" + "a" * 64


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would, with none of what an outer make has set."""
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "PATH")}
    return subprocess.run(command, cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True)


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run("make", "--no-print-directory", *arguments, **environ)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Return a file that is there if a value was run as a command."""
    return tmp_path / "run"


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH on which docker, cosign and gh print what they were called with."""
    (folder := tmp_path / "tools").mkdir()
    for tool in ("docker", "cosign", "gh"):
        (folder / tool).write_text('#!/bin/sh\nprintf "%s " "$(basename "$0")" "$@"\necho\n')
        (folder / tool).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


NAMES = ("TAG", "VERSION", "TAGS", "REVISION", "OWNER", "IMAGE", "REGISTRY", "PLATFORMS")
MORE_NAMES = ("GITHUB_REPOSITORY", "INFRA_REPOSITORY", "BASE_IMAGE", "PUSH", "ATTEST")
FORMS = ("v1;touch${IFS}%s", "$(shell touch %s)", "$(touch %s)", "`touch %s`", "';touch %s;'", "a\ntouch %s")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_a_shell_would_run_is_refused_in_a_line(name: str, form: str, marker: Path, path: str) -> None:
    value = form % marker
    for asked in (
        make("image", PATH=path, **{name: value}),
        make("image", f"{name}={value.replace('$', '$$')}", PATH=path),
    ):
        assert asked.returncode != 0
        assert f"{name}='" in asked.stderr
        assert " is refused: it must match " in asked.stderr
        assert asked.stdout == ""
    assert not marker.exists()


def reads_settings(script: Path) -> bool:
    return "settings.sh" in script.read_text().partition("\n\n")[0]


SCRIPTS = sorted(file.name for file in (ROOT / "scripts").iterdir() if file.is_file() and reads_settings(file))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_refuses_such_a_value_before_it_does_anything(script: str, marker: Path, path: str) -> None:
    for name in (*NAMES, *MORE_NAMES):
        value = FORMS[2] % marker
        asked = run(f"scripts/{script}", PATH=path, **{name: value})
        assert (asked.returncode, asked.stdout) == (1, ""), name
        assert asked.stderr.startswith(f"{script}: {name}='{value}' is refused: it must match "), name
    assert not marker.exists()


def test_every_script_of_a_step_reads_the_checked_settings() -> None:
    """The others read nothing that comes with a push."""
    others = {file.name for file in (ROOT / "scripts").iterdir() if file.is_file()} - set(SCRIPTS)
    assert others == {"settings.sh", "setup", "lock", "lint_workflows.py", "describe.py"}


def test_no_recipe_holds_a_value_but_the_arguments_of_pytest_and_bench() -> None:
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert {name for line in recipes for name in re.findall(r"\$\((\w+)\)", line)} == {
        "ARGS",
        "BENCH",
        "BIN",
        "MAKEFILE_LIST",
        "RUN_VENV",
    }


@pytest.mark.parametrize("tag", ["-v1", "v1/x", "v1 x", "", "v" * 129])
def test_what_a_registry_would_not_take_as_a_tag_is_refused(tag: str, path: str) -> None:
    assert f"TAG='{tag}' is refused" in make("image", TAG=tag, PATH=path).stderr


@pytest.mark.parametrize("tag", ["v1.2.3", "0.1.0", "a" * 40, "v1.0.0-rc.1", "_x", "v" * 128])
def test_what_a_registry_takes_as_a_tag_is_taken(tag: str, path: str) -> None:
    assert f"/flask-app:{tag} " in make("image", TAG=tag, PATH=path).stdout


def test_setting_up_says_so_where_no_answer_is_read(tmp_path: Path) -> None:
    (tmp_path / "uv").write_text("#!/bin/sh\n")
    (tmp_path / "uv").chmod(0o755)
    (tmp_path / "venv").mkdir()
    asked = make("setup-run", f"RUN_VENV={tmp_path}/venv", "PYTHON=true", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (asked.returncode, asked.stdout) == (0, "")
    assert asked.stderr.startswith(f"==> {ROOT.name}: installing")


def test_the_scripts_of_workflows_are_checked() -> None:
    assert "\npython scripts/lint_workflows.py .github/workflows/*.yaml\n" in (ROOT / "scripts/check").read_text()


def test_an_owner_with_capitals_has_an_image_too(path: str) -> None:
    assert "--tag ghcr.io/big-corp/flask-app:" in make("image", "OWNER=Big-Corp", PATH=path).stdout
    assert (
        make("digest", f"IMAGE=ghcr.io/Big-Corp/flask-app@{DIGEST}").stdout == f"ghcr.io/big-corp/flask-app@{DIGEST}\n"
    )


@pytest.mark.parametrize("repository", ["Big-Corp/Shop", "ada_corp/my.shop", "o/n"])
def test_an_image_has_the_name_of_its_repository(repository: str, path: str) -> None:
    digest = f"ghcr.io/{repository.lower()}@{DIGEST}"
    command = make("image", GITHUB_REPOSITORY=repository, PATH=path).stdout
    assert f"--tag ghcr.io/{repository.lower()}:" in command
    # Its own verification finds it: the name leads back to the repository whose workflow has to have signed.
    assert re.fullmatch(NAME, digest)
    variables = {"PUSH": "digest", "REGISTRY": "r.example", "GITHUB_REPOSITORY": repository}
    assert f"name=r.example/{repository.lower()}," in run("scripts/image", PATH=path, **variables).stdout


def test_a_digest_comes_from_the_build_before(tmp_path: Path) -> None:
    metadata = tmp_path / "image.json"
    metadata.write_text(f'{{"containerimage.digest": "{DIGEST}"}}')
    assert make("digest", "IMAGE=r.example/o/n", f"METADATA={metadata}").stdout == f"r.example/o/n@{DIGEST}\n"


def test_without_a_build_there_is_one_line_and_no_digest(tmp_path: Path) -> None:
    asked = make("digest", f"METADATA={tmp_path}/none.json")
    assert asked.returncode != 0
    assert asked.stderr.splitlines()[0] == "digest: nothing was built yet: make image"


@pytest.mark.parametrize(("tag", "version"), [("v1.2.3", "1.2.3"), ("1.2.3", "1.2.3"), ("main", "main")])
def test_a_version_is_its_tag_without_the_v(tag: str, version: str, path: str) -> None:
    assert f"--build-arg VERSION={version} " in make("image", f"TAG={tag}", PATH=path).stdout


def test_pushed_by_digest_means_no_tag_and_every_attestation(path: str) -> None:
    command = make("image", "PUSH=digest", "IMAGE=r.example/o/n", PATH=path).stdout
    assert "--tag" not in command
    assert {"push-by-digest=true", "rewrite-timestamp=true", "name=r.example/o/n"} <= set(
        command.replace(",", " ").split()
    )
    assert "--provenance=mode=max --sbom=true" in command


def test_tags_are_given_to_the_digest(path: str) -> None:
    # The script discards docker's standard output; so the command goes to standard error.
    (docker := Path(path.partition(":")[0]) / "docker").write_text('#!/bin/sh\necho "$@" >&2\n')
    docker.chmod(0o755)
    asked = make("tags", f"IMAGE=r.example/o/n@{DIGEST}", "TAG=v1.2.3", PATH=path)
    assert asked.stderr.endswith(f" --tag r.example/o/n:1.2.3 --tag r.example/o/n:latest r.example/o/n@{DIGEST}\n")
    assert asked.stdout == f"r.example/o/n@{DIGEST} is now also r.example/o/n:1.2.3 r.example/o/n:latest\n"


def test_only_main_moves_latest(path: str) -> None:
    """Runs for tags do not wait for each other: an older one that takes longer would move it back."""
    variables = (f"IMAGE=r.example/o/n@{DIGEST}", "TAG=v1.2.3")
    assert ":latest" not in make("tags", *variables, PATH=path, GITHUB_REF_TYPE="tag").stdout
    assert " r.example/o/n:latest" in make("tags", *variables, PATH=path, GITHUB_REF_TYPE="branch").stdout


def test_an_image_says_where_its_source_is(path: str) -> None:
    label = 'org.opencontainers.image.source="$SOURCE"'
    assert label in (ROOT / "Dockerfile").read_text()
    assert (
        "--build-arg SOURCE=https://github.com/Octo-Cat/shop "
        in make("image", PATH=path, GITHUB_REPOSITORY="Octo-Cat/shop").stdout
    )
    command = make("image", PATH=path, OWNER="Octo-Cat").stdout
    assert "--build-arg SOURCE=https://github.com/Octo-Cat/flask-app " in command


@pytest.mark.parametrize("target", ["image", "starts", "sign", "tags"])
def test_a_tool_that_fails_fails_the_target(tmp_path: Path, target: str) -> None:
    for tool in ("docker", "cosign"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    variables = (f"IMAGE=r.example/o/n@{DIGEST}", f"EVIDENCE={tmp_path}", f"METADATA={tmp_path}/image.json")
    assert make(target, *variables, PATH=f"{tmp_path}:{os.environ['PATH']}").returncode != 0


def test_a_missing_scanner_is_a_failure_in_one_line() -> None:
    asked = make("scan", "GRYPE=no-such-scanner")
    assert asked.returncode != 0
    assert asked.stderr.startswith("scan: there is no 'no-such-scanner': install grype")


def test_a_scan_that_was_left_out_says_so() -> None:
    asked = make("scan", "SCAN=0", "GRYPE=no-such-scanner")
    assert asked.returncode == 0
    assert asked.stdout.startswith("scan: NOT RUN")


@pytest.mark.parametrize("status", [0, 2])
def test_the_scanner_looks_at_every_platform_and_its_verdict_counts(tmp_path: Path, status: int) -> None:
    scanner = tmp_path / "scanner"
    scanner.write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n')
    scanner.chmod(0o755)
    asked = make("scan", f"GRYPE={scanner}", f"IMAGE=r.example/o/n@{DIGEST}")
    looked = [line for line in asked.stdout.splitlines() if line.startswith("registry:")]
    wanted = [
        f"registry:r.example/o/n@{DIGEST} --platform {name} --only-fixed --fail-on high"
        for name in ("linux/amd64", "linux/arm64")
    ]
    assert looked == (wanted if status == 0 else wanted[:1])
    assert (asked.returncode == 0) == (status == 0)


def test_ci_asks_for_a_key_before_it_begins() -> None:
    asked = make("ci")
    assert asked.returncode != 0
    assert asked.stderr.startswith("ci: set COSIGN_KEY and COSIGN_PUBLIC_KEY")
    assert asked.stdout == ""


def test_ci_asks_for_a_scanner_before_it_begins() -> None:
    asked = make("ci", "COSIGN_KEY=cosign.key", "GRYPE=no-such-scanner")
    assert asked.returncode != 0
    assert asked.stderr.startswith("scan: there is no 'no-such-scanner'")
    assert asked.stdout == ""


def test_without_a_token_nothing_is_handed_over_and_nothing_fails() -> None:
    asked = make("dispatch", f"IMAGE=r.example/o/n@{DIGEST}", "INFRA_REPOSITORY=o/infra-k8s")
    assert asked.returncode == 0
    assert asked.stdout.startswith("::notice title=Not handed over::no token for o/infra-k8s")


@pytest.mark.parametrize(
    ("key", "signer"),
    [
        ({}, "--yes "),
        ({"COSIGN_KEY": "a key"}, "--yes --key a key --tlog-upload=false --use-signing-config=false "),
    ],
)
def test_a_workflow_signs_without_a_key_and_a_person_with_one(path: str, key: dict[str, str], signer: str) -> None:
    asked = make("sign", f"IMAGE=r.example/o/n@{DIGEST}", PATH=path, **key)
    assert asked.stdout == f"cosign sign {signer}r.example/o/n@{DIGEST} \n"
    local = make("sign", f"IMAGE=127.0.0.1:5000/o/n@{DIGEST}", PATH=path, **key)
    assert local.stdout == f"cosign sign {signer}--allow-http-registry 127.0.0.1:5000/o/n@{DIGEST} \n"


def test_with_a_token_the_infra_repository_gets_image_version_and_revision(tmp_path: Path) -> None:
    (tmp_path / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "gh").chmod(0o755)
    asked = make(
        *("dispatch", f"IMAGE=r.example/o/n@{DIGEST}", "INFRA_REPOSITORY=o/infra-k8s", "TAG=v1.2.3", "REVISION=abc"),
        GH_TOKEN="a-token-only-for-tests",
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )
    output = asked.stdout.splitlines()
    assert output[:4] == ["api", "--method", "POST", "repos/o/infra-k8s/dispatches"]
    assert [field for field in output[4:] if field != "--raw-field"] == [
        "event_type=image-published",
        f"client_payload[image]=r.example/o/n@{DIGEST}",
        "client_payload[version]=1.2.3",
        "client_payload[revision]=abc",
    ]


def test_help_has_a_line_for_every_target() -> None:
    phony = {line.split()[1] for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY: ")}
    assert {line.split()[0] for line in make("help").stdout.splitlines()} == phony


WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yaml").read_text())
BUILT = [
    step for job in WORKFLOW["jobs"].values() for step in job["steps"] if "build-push-action" in step.get("uses", "")
]


def words_of_the_action(step: dict[str, Any], told: dict[str, str]) -> set[str]:
    """Return what docker/build-push-action makes of its inputs, as docker's arguments."""

    def filled(value: object) -> str:
        return re.sub(r"\$\{\{ steps\.inputs\.outputs\.([\w-]+) \}\}", lambda found: told[found[1]], str(value))

    given = {name: filled(value) for name, value in step["with"].items()}
    words = {f"--build-arg {each}" for each in given["build-args"].splitlines()}
    words |= {f"--provenance={given['provenance']}", f"--sbom={given['sbom'].lower()}", f"--output {given['outputs']}"}
    return words | {f"--platform {WORKFLOW['env']['PLATFORMS']}", given["context"]}


@pytest.mark.parametrize("base", ["", "python:3.13-slim"])
def test_the_workflows_build_action_is_told_what_docker_is_told_here(base: str, path: str) -> None:
    variables = {
        "TAG": "v1.2.3",
        "GITHUB_REPOSITORY": "Ada/shop",
        "REVISION": "a" * 40,
        "PLATFORMS": "linux/amd64,linux/arm64",
    }
    variables |= {"BASE_IMAGE": base} if base else {}
    command = run("scripts/image", PATH=path, PUSH="digest", **variables).stdout
    told = run("scripts/inputs", PATH=path, **variables).stdout
    outputs = dict(re.findall(r"^([\w-]+)=(.+)$", told.partition("build-args<<END\n")[0], re.MULTILINE))
    outputs["build-args"] = re.search(r"build-args<<END\n(.+)\nEND\n", told, re.DOTALL)[1]  # type: ignore[index]
    docker = command.replace(" --metadata-file build/image.json", "").removeprefix("docker buildx build ")
    assert words_of_the_action(BUILT[-1], outputs) == set(
        re.findall(r"--\w+=\S+|--[\w-]+ \S+|\.(?= $)", docker.strip("\n"))
    )
    assert (
        outputs["epoch"] == subprocess.check_output(("git", "log", "-1", "--format=%ct"), cwd=ROOT, text=True).strip()
    )
    assert BUILT[-1]["env"] == {"SOURCE_DATE_EPOCH": "${{ steps.inputs.outputs.epoch }}"}
