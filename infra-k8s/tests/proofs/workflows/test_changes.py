import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proofs.workflows.changes import ERRORS, FAILING_TESTS, GOOD, NEVER_READY, Change, Commit, DoesNotApply


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of the application that commits change."""
    if not os.environ.get("APP_DIR"):
        pytest.skip("APP_DIR is not set: name flask-app's folder")
    for folder in ("app", "templates"):
        shutil.copytree(Path(os.environ["APP_DIR"], folder), tmp_path / folder)
    shutil.copy(Path(os.environ["APP_DIR"], "pyproject.toml"), tmp_path)
    return tmp_path


@pytest.mark.parametrize("commit", [GOOD, FAILING_TESTS, NEVER_READY, ERRORS], ids=lambda commit: commit.message)
def test_a_commit_applies_to_the_application_as_it_is(clone: Path, commit: Commit) -> None:
    for change in commit.changes:
        before = (clone / change.path).read_text() if change.before else ""
        change.apply(clone, "some-namespace")
        after = (clone / change.path).read_text()
        assert after != before
        assert "NAMESPACE" not in after
        if change.path.endswith(".py"):
            compile(after, change.path, "exec")


@pytest.mark.parametrize("commit", [FAILING_TESTS, NEVER_READY, ERRORS], ids=lambda commit: commit.message)
def test_a_commit_is_not_stopped_by_the_linter_where_something_else_must_stop_it(clone: Path, commit: Commit) -> None:
    for change in commit.changes:
        change.apply(clone, "some-namespace")
    changed = sorted({change.path for change in commit.changes if change.path.endswith(".py")})
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([ruff, *command, "--no-cache", *changed], cwd=clone, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_change_that_has_no_single_place_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("twice twice")
    for before in ("twice", "never", ""):
        with pytest.raises(DoesNotApply, match="not once"):
            Change("file", before, "x").apply(tmp_path, "some-namespace")
