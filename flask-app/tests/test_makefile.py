"""What a person or a workflow gets from a target, where no container is built."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DIGEST = "sha256:" + "a" * 64


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, with none of what an outer make has set."""
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "PATH")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True)


def test_an_owner_with_capitals_has_an_image_all_the_same() -> None:
    assert "--tag ghcr.io/big-corp/flask-app:" in make("-n", "image", "OWNER=Big-Corp").stdout
    assert (
        make("digest", f"IMAGE=ghcr.io/Big-Corp/flask-app@{DIGEST}").stdout == f"ghcr.io/big-corp/flask-app@{DIGEST}\n"
    )


def test_a_digest_comes_from_the_build_before(tmp_path: Path) -> None:
    metadata = tmp_path / "image.json"
    metadata.write_text(f'{{"containerimage.digest": "{DIGEST}"}}')
    assert make("digest", "IMAGE=r.example/o/n", f"METADATA={metadata}").stdout == f"r.example/o/n@{DIGEST}\n"


def test_without_a_build_there_is_one_line_and_no_digest(tmp_path: Path) -> None:
    asked = make("digest", f"METADATA={tmp_path}/none.json")
    assert asked.returncode != 0
    assert asked.stderr.splitlines()[0] == "digest: nothing was built yet: make image"


@pytest.mark.parametrize(("tag", "version"), [("v1.2.3", "1.2.3"), ("1.2.3", "1.2.3"), ("main", "main")])
def test_a_version_is_its_tag_without_the_v(tag: str, version: str) -> None:
    assert f"--build-arg VERSION={version} " in make("-n", "image", f"TAG={tag}").stdout


def test_pushed_by_digest_means_no_tag_and_all_that_can_be_said_about_it() -> None:
    command = make("-n", "image", "PUSH=digest", "IMAGE=r.example/o/n").stdout
    assert "--tag" not in command
    assert {"push-by-digest=true", "rewrite-timestamp=true", "name=r.example/o/n"} <= set(
        command.replace(",", " ").split()
    )
    assert "--provenance=mode=max --sbom=true" in command


def test_tags_are_given_to_the_digest() -> None:
    command = make("-n", "tags", f"IMAGE=r.example/o/n@{DIGEST}", "TAG=v1.2.3").stdout
    assert '--tag r.example/o/n:1.2.3 --tag r.example/o/n:latest "$image" >/dev/null' in command


@pytest.mark.parametrize("target", ["image", "starts", "sign", "tags"])
def test_a_tool_that_fails_fails_the_target(tmp_path: Path, target: str) -> None:
    for tool in ("docker", "cosign"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    told = (f"IMAGE=r.example/o/n@{DIGEST}", f"EVIDENCE={tmp_path}", f"METADATA={tmp_path}/image.json")
    assert make(target, *told, PATH=f"{tmp_path}:{os.environ['PATH']}").returncode != 0


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


def test_with_a_token_the_infra_repository_gets_image_version_and_revision(tmp_path: Path) -> None:
    (tmp_path / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "gh").chmod(0o755)
    asked = make(
        *("dispatch", f"IMAGE=r.example/o/n@{DIGEST}", "INFRA_REPOSITORY=o/infra-k8s", "TAG=v1.2.3", "REVISION=abc"),
        GH_TOKEN="a-token-only-for-tests",
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )
    said = asked.stdout.splitlines()
    assert said[:4] == ["api", "--method", "POST", "repos/o/infra-k8s/dispatches"]
    assert [field for field in said[4:] if field != "--raw-field"] == [
        "event_type=image-published",
        f"client_payload[image]=r.example/o/n@{DIGEST}",
        "client_payload[version]=1.2.3",
        "client_payload[revision]=abc",
    ]


def test_help_has_a_line_for_every_target() -> None:
    phony = {line.split()[1] for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY: ")}
    assert {line.split()[0] for line in make("help").stdout.splitlines()} == phony
