"""The workflow that publishes the chart: what may start it, what its jobs may do, and what its scripts refuse."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.workflows.workflow import DEPLOY, ROOT, Workflow

CHART = Workflow.load("chart")
DIGEST = f"sha256:{'a' * 64}"


def test_nothing_but_a_tag_of_the_chart_starts_it_and_two_do_not_run_at_once() -> None:
    assert CHART.content["on"] == {"push": {"tags": ["chart-v*"]}}
    assert CHART.content["concurrency"] == {"group": "chart", "cancel-in-progress": "false", "queue": "max"}


def test_the_job_that_writes_installs_no_package_and_the_one_that_verifies_has_no_login() -> None:
    rights = {name: job["permissions"] for name, job in CHART.jobs.items()}
    assert CHART.content["permissions"] == {}
    assert rights == {
        "package": {"contents": "read"},
        "publish": {"contents": "read", "packages": "write", "id-token": "write"},
        "verify": {"contents": "read"},
    }
    publish = yaml.dump(CHART.jobs["publish"])
    assert "make " not in publish
    assert "setup-python" not in publish
    assert "login" not in yaml.dump(CHART.jobs["verify"])


def test_a_secret_is_given_to_the_login_alone() -> None:
    seen = [(name, step["uses"].split("@")[0]) for name, step in CHART.steps if "secrets." in str(step)]
    assert seen == [("publish", "docker/login-action")]


def test_actions_are_pinned_by_commit_and_as_in_the_deploy() -> None:
    used = re.findall(r"^\s+(?:- )?uses: (.+)$", CHART.text, re.M)
    assert all(re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)
    pinned = {action.split("@")[0]: action for action in re.findall(r"uses: (.+)$", DEPLOY.text, re.M)}
    assert all(pinned.get(action.split("@")[0], action) == action for action in used)


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [step for _, step in CHART.steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": "false"}] * len(CHART.jobs)


def test_value_reaches_a_script_by_its_environment() -> None:
    assert [step["name"] for _, step in CHART.steps if "${{" in step.get("run", "")] == []


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with a packaged chart, a helm that answers as SHOW says, and a cosign that notes its arguments."""
    (tmp_path / "build/chart/package").mkdir(parents=True)
    (tmp_path / "build/chart/package/flask-app-1.2.3.tgz").write_text("a chart")
    (tmp_path / "bin").mkdir()
    for name, script in {
        "helm": f"""case "$1" in
    show) echo "$SHOW"; [ "$SHOW" = found ] ;;
    push) echo "push $*" >>asked; echo "Pushed: it"; echo "Digest: ${{PUSHED:-{DIGEST}}}" ;;
    pull) echo "Pulled: it"; echo "Digest: $PUSHED" ;;
    template) printf '      image: "%s"\\n' "$IMAGE" ;;
esac""",
        "cosign": 'echo "cosign $*" >>asked',
    }.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/bash\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def run(folder: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    common = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "REGISTRY": "127.0.0.1:5000", "OWNER": "Some-Owner"}
    return subprocess.run(
        [ROOT / "scripts" / script], cwd=folder, env=common | variables, capture_output=True, text=True
    )


def asked(folder: Path) -> str:
    return (folder / "asked").read_text() if (folder / "asked").exists() else ""


def test_a_new_version_is_pushed_and_signed_by_digest(tools: Path) -> None:
    done = run(tools, "chart-push", SHOW="Error: x:1.2.3: not found", COSIGN_KEY="k")
    assert done.stdout.splitlines() == [f"chart=127.0.0.1:5000/some-owner/charts/flask-app@{DIGEST}", "version=1.2.3"]
    push, sign = asked(tools).splitlines()
    assert "oci://127.0.0.1:5000/some-owner/charts --plain-http" in push
    assert sign.endswith(f"--allow-http-registry 127.0.0.1:5000/some-owner/charts/flask-app@{DIGEST}")


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("found", "version 1.2.3 is published already and is never overwritten"),
        ("Error: dial tcp: connect: connection refused", "cannot be seen"),
        ("Error: lookup registry: host not found here", "cannot be seen"),
    ],
)
def test_a_version_that_is_there_or_may_be_is_not_pushed(tools: Path, show: str, words: str) -> None:
    done = run(tools, "chart-push", SHOW=show)
    assert done.returncode == 1
    assert words in done.stderr
    assert asked(tools) == ""


def test_a_push_that_names_no_digest_is_not_signed(tools: Path) -> None:
    done = run(tools, "chart-push", SHOW="x: not found", PUSHED="none")
    assert done.returncode == 1
    assert "cosign" not in asked(tools)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, ""),
        ({"PUSHED": f"sha256:{'b' * 64}"}, "version 1.2.3 is another chart"),
        ({"IMAGE": "ghcr.io/o/flask-app:0.1.0"}, "an image of the chart is not named by digest"),
        ({"CHART": "127.0.0.1:5000/some-owner/charts/flask-app:1.2.3"}, "name it by digest"),
        ({"CHART": f"127.0.0.1:5000/somebody-else/charts/flask-app@{DIGEST}"}, "is not 127.0.0.1:5000/some-owner"),
        ({"OWNER": "a;b"}, "it must be the owner"),
    ],
)
def test_a_published_chart_is_verified(tools: Path, variables: dict[str, str], words: str) -> None:
    good = {
        "CHART": f"127.0.0.1:5000/some-owner/charts/flask-app@{DIGEST}",
        "VERSION": "1.2.3",
        "PUSHED": DIGEST,
        "IMAGE": f"ghcr.io/o/flask-app@{DIGEST}",
        "COSIGN_PUBLIC_KEY": "k.pub",
    }
    done = run(tools, "chart-verify", **good | variables)
    assert done.returncode == (1 if words else 0), done.stderr
    assert words in done.stderr
