"""An environment of its own, as a fresh clone has it, in a git repository of its own."""

import os
from pathlib import Path

import pytest

from clients.git import git
from release.environments import ENVIRONMENTS


@pytest.fixture
def image_file(tmp_path: Path) -> Path:
    """The image.yaml of environment `minikube` in a clone whose remote is `origin`; nothing is recorded yet."""
    shared, clone = tmp_path / "shared.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(shared))
    git(tmp_path, "clone", "--quiet", str(shared), str(clone))
    file = clone / "environments" / "minikube" / "image.yaml"
    file.parent.mkdir(parents=True)
    file.write_text((ENVIRONMENTS / "minikube" / "image.yaml").read_text())
    (clone / "other").write_text("")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "Fresh")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    return file


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know who commits, whatever this machine's settings are."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")
