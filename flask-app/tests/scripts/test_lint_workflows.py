import subprocess
import sys
from pathlib import Path

import pytest

from scripts import lint_workflows

ROOT = Path(__file__).parent.parent.parent
WORKFLOW = """
jobs:
  called: {uses: ./other.yaml}
  build:
    steps:
      - uses: actions/checkout@0123
      - {name: good, run: 'echo "$GOOD"'}
      - run: %s
"""


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    return tmp_path / "ci.yaml"


def check(workflow: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/lint_workflows.py", str(workflow)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_scripts_are_found_with_the_names_of_their_steps(workflow: Path) -> None:
    workflow.write_text(WORKFLOW % "make")
    assert list(lint_workflows.scripts(workflow)) == [("build, good", 'echo "$GOOD"'), ("build, step 3", "make")]


def test_a_script_that_shellcheck_does_not_like_fails_by_name(workflow: Path) -> None:
    workflow.write_text(WORKFLOW % "echo $BAD")
    checked = check(workflow)
    assert checked.returncode == 1
    assert checked.stderr.startswith(f"{workflow}: build, step 3:\n")
    assert "SC2086" in checked.stderr


def test_scripts_that_shellcheck_accepts_pass_in_silence(workflow: Path) -> None:
    workflow.write_text(WORKFLOW % "make")
    checked = check(workflow)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
