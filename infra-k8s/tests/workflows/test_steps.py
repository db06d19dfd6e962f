"""The workflows do nothing that `make ci` does not, in the same order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.workflow import DEPLOY, PULL_REQUEST, ROOT, WORKFLOWS, Workflow

MAKEFILE = (ROOT / "Makefile").read_text()
RUNS = [step for workflow in WORKFLOWS for _, step in workflow.steps if "run" in step]


def variable(name: str) -> list[str]:
    found = re.search(rf"^{name} := (.+)$", MAKEFILE, re.M)
    assert found is not None
    return found[1].split()


def test_deploy_makes_what_make_ci_makes_in_the_same_order() -> None:
    assert DEPLOY.made() == [*variable("CI_STEPS"), *variable("CI_DEPLOY"), "withdraw"]


def test_pull_request_makes_the_first_of_them_and_deploys_nothing() -> None:
    steps = variable("CI_STEPS")
    assert PULL_REQUEST.made() == steps[: steps.index("record")]


@pytest.mark.parametrize("skipped", ["", "monitoring"])
def test_make_ci_leaves_out_what_it_is_told_to(skipped: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--silent", "--old-file=setup", "ci", f"SKIP={skipped}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("monitoring" in done.stdout) is (skipped != "monitoring")


def installer(folder: Path) -> Path:
    """Return a folder with a uv that installs nothing."""
    uv = folder / "tools" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    return uv.parent


def test_plan_prints_its_outputs_and_nothing_else_on_a_fresh_runner(tmp_path: Path) -> None:
    """GitHub refuses an output file with anything else in it, and there the first step installs first."""
    output = tmp_path / "output"
    python = tmp_path / "python"
    python.write_text(
        f"""#!/bin/sh
case "$*" in
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/uv" ;;
    "-m release "*) exec {sys.executable} "$@" ;;
esac
"""
    )
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "--silent", "plan", f"VENV={tmp_path / 'venv'}", f"PYTHON={python}", "IMAGE="],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{installer(tmp_path)}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(output)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "installing" in done.stderr
    assert [line.partition("=")[0] for line in done.stdout.splitlines()] == ["image", "revision", "prove", "tested"]
    assert output.read_text() == done.stdout


def test_no_flag_of_the_make_that_runs_the_tests_reaches_theirs() -> None:
    """`make -C` passes `w` on, with which a make that a test starts prints more than its recipe does."""
    assert {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"} & set(os.environ) == set()


def test_run_block_is_a_line_or_two() -> None:
    assert [step["name"] for step in RUNS if len(step["run"].strip().splitlines()) > 2] == []


def test_output_is_handed_on_by_the_step_that_knows_it() -> None:
    """Nobody looks for it in what was printed."""
    assert [step["name"] for step in RUNS if re.search(r"\b(grep|sed|awk)\b.*GITHUB_OUTPUT", step["run"])] == []


def test_value_reaches_a_script_by_its_environment() -> None:
    """No shell reads it as a command there."""
    assert [step["name"] for step in RUNS if "${{" in step["run"]] == []


def test_shellcheck_accepts_every_run_block(tmp_path: Path) -> None:
    for number, step in enumerate(RUNS):
        (tmp_path / f"{number}-{step['name'].replace(' ', '-')}").write_text(step["run"])
    checked = subprocess.run(
        [Path(sys.executable).with_name("shellcheck"), "--shell", "bash", *sorted(tmp_path.iterdir())],
        text=True,
        capture_output=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_failure_before_a_pipe_is_a_failure(workflow: Workflow) -> None:
    assert (
        workflow.content["defaults"]["run"]["shell"] == "bash"
    )  # which GitHub calls with pipefail; its default without


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_target_of_every_step_is_there(workflow: Workflow) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):.*##", MAKEFILE, re.M))
    said = {target for _, step in workflow.steps for target in re.findall(r"\bmake (?:--silent )?(\w+)", str(step))}
    assert said <= targets
