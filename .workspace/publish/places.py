"""Where repositories are published: GitHub through `gh`, or bare repositories in a folder."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from publish.git import Git
from publish.refusal import Refusal

BRANCH = "main"


class Place(Protocol):
    """Holds repositories by name."""

    @property
    def options(self) -> tuple[str, ...]:
        """Return what `git` has to be told to get there."""

    def address(self, repository: str) -> str:
        """Return what `git push` is given."""

    def has(self, repository: str) -> bool:
        """Tell whether the repository exists, empty or not."""

    def create(self, repository: str) -> None:
        """Create it, empty; raise Refusal with the reason if that fails."""


@dataclass(frozen=True)
class GitHub:
    """The repositories of one owner on GitHub, as `gh` is logged in: checked with a recorder for `gh`, not run."""

    owner: str

    @staticmethod
    def reachable() -> bool:
        """Tell whether `gh` is here and logged in."""
        asked = ("gh", "auth", "status", "--hostname", "github.com")
        return shutil.which("gh") is not None and subprocess.run(asked, capture_output=True).returncode == 0

    @property
    def options(self) -> tuple[str, ...]:
        return ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")

    def address(self, repository: str) -> str:
        return f"https://github.com/{self.owner}/{repository}.git"

    def has(self, repository: str) -> bool:
        done = self._gh("view", f"{self.owner}/{repository}", "--json", "name")
        if done.returncode != 0 and "Could not resolve to a Repository" not in done.stderr:
            raise Refusal(f"gh repo view {self.owner}/{repository}: {_last(done.stderr)}")
        return done.returncode == 0

    def create(self, repository: str) -> None:
        done = self._gh("create", f"{self.owner}/{repository}", "--public")
        if done.returncode != 0:
            raise Refusal(f"gh repo create {self.owner}/{repository}: {_last(done.stderr)}")

    def _gh(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(("gh", "repo", *arguments), capture_output=True, text=True)


@dataclass(frozen=True)
class Folder:
    """Bare repositories side by side in a folder."""

    path: Path

    @property
    def options(self) -> tuple[str, ...]:
        return ()

    def address(self, repository: str) -> str:
        return str(self.path / f"{repository}.git")

    def has(self, repository: str) -> bool:
        return Path(self.address(repository)).exists()

    def create(self, repository: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        Git(self.path)("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", self.address(repository))


def head(git: Git, place: Place, repository: str) -> str | None:
    """Return the commit that a repository's branch is at, and bring it here; None where there is nothing yet.

    Raises:
        Refusal: if it has branches, but not ours.
    """
    if not place.has(repository):
        return None
    address = place.address(repository)
    listed = [line.split("\t") for line in git(*place.options, "ls-remote", "--heads", address).splitlines()]
    branches = {name: commit for commit, name in listed}
    if not branches:
        return None
    if (branch := f"refs/heads/{BRANCH}") not in branches:
        raise Refusal(f"has no branch {BRANCH} but others, and is left alone: empty it or choose another name")
    git(*place.options, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", address, branch)
    return branches[branch]


def push(git: Git, place: Place, repository: str, commit: str) -> None:
    """Fast-forward a repository's branch to a commit; git refuses anything else."""
    git(*place.options, "push", "--quiet", place.address(repository), f"{commit}:refs/heads/{BRANCH}")


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["it says nothing"])[-1]
