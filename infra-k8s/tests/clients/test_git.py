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


def test_folder_decides_which_repository_is_used_also_inside_a_git_hook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of git runs with GIT_DIR set, which would win over the folder."""
    here, other = tmp_path / "here", tmp_path / "other"
    for folder in (here, other):
        folder.mkdir()
        git(folder, "init", "--quiet", f"--initial-branch={folder.name}")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert git(here, "branch", "--show-current") == "here"
