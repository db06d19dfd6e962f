from pathlib import Path

import pytest

from clients.git import GitFailed, git


def test_output_is_returned_without_its_line_break(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    assert git(tmp_path, "branch", "--show-current") == "main"


def test_failure_names_the_command_and_gits_last_line(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(GitFailed, match=r"^git rev-parse: fatal: Needed a single revision$"):
        git(tmp_path, "rev-parse", "--verify", "no-such")
