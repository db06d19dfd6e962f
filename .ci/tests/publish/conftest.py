"""A small workspace with three folders, and what stands in for GitHub."""

import os
import sys
from pathlib import Path

import pytest

from publish.git import Git
from publish.names import REPOSITORIES

PERSON = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
}

# Answers as gh 2 does, with repositories in a folder in place of GitHub's.
GH = f"""#!{sys.executable}
import os, pathlib, subprocess, sys
with open(os.environ["GH_RECORD"], "a") as record:
    print(*sys.argv[1:], file=record)
if sys.argv[1:3] == ["auth", "status"]:
    sys.exit(0)
repository = pathlib.Path(os.environ["GH_ROOT"], sys.argv[3] + ".git")
if sys.argv[1:3] == ["repo", "create"]:
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", repository], check=True)
elif not repository.exists():
    sys.exit(f"GraphQL: Could not resolve to a Repository with the name '{{sys.argv[3]}}'. (repository)")
"""


def save(git: Git, path: str, text: str) -> str:
    """Write a file, commit it and return the commit."""
    (git.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (git.folder / path).write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--message", f"Change {path}")
    return git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def _nobodys_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make git the same for everybody."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in PERSON.items() | {("GIT_CONFIG_GLOBAL", os.devnull), ("GIT_CONFIG_NOSYSTEM", "1")}:
        monkeypatch.setenv(name, value)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Return a workspace of one commit."""
    made = Git(tmp_path / "workspace")
    made.folder.mkdir()
    made("init", "--quiet", "--initial-branch=main")
    for folder in REPOSITORIES:
        (made.folder / folder).mkdir()
        (made.folder / folder / "README.md").write_text(f"# {folder} of your-github-name/flask-app\n")
    save(made, "infra-k8s/helm/flask-app/Chart.yaml", "name: flask-app\n")
    return made


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that GitHub's addresses lead to; `gh` is logged in there."""
    root, folder = tmp_path / "github", tmp_path / "bin"
    root.mkdir()
    folder.mkdir()
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_ROOT", str(root))
    monkeypatch.setenv("GH_RECORD", str(root / "record"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{root}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    return root
