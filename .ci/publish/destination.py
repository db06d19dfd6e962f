"""Where repositories are published: GitHub through `gh`, or bare repositories in a folder."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from publish.git import BRANCH, Git
from publish.refusal import Refusal


@dataclass(frozen=True)
class GitHub:
    """The repositories of one owner on GitHub, as `gh` is logged in: checked with a recorder for `gh`, not run."""

    owner: str
    # What git needs to reach them.
    options: tuple[str, ...] = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")

    @staticmethod
    def reachable() -> bool:
        """Tell whether `gh` is installed and logged in."""
        command = ("gh", "auth", "status", "--hostname", "github.com")
        return shutil.which("gh") is not None and subprocess.run(command, capture_output=True).returncode == 0

    def address(self, repository: str) -> str:
        """Return the address for `git push`."""
        return f"https://github.com/{self.owner}/{repository}.git"

    def has(self, repository: str) -> bool:
        """Tell whether the repository exists, empty or not."""
        return self._gh("view", repository, "--json", "name", unless="Could not resolve to a Repository")

    def create(self, repository: str) -> None:
        """Create it, empty; raise Refusal with the reason if that fails."""
        self._gh("create", repository, "--public")

    def _gh(self, command: str, repository: str, *options: str, unless: str | None = None) -> bool:
        """Tell whether a command succeeded; raise Refusal if it failed for another reason than `unless`."""
        asked = ("gh", "repo", command, f"{self.owner}/{repository}")
        done = subprocess.run((*asked, *options), capture_output=True, text=True)
        if done.returncode != 0 and not (unless and unless in done.stderr):
            raise Refusal(f"{' '.join(asked)}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        return done.returncode == 0


@dataclass(frozen=True)
class Folder:
    """Bare repositories side by side in a folder."""

    path: Path
    options: tuple[str, ...] = ()

    def address(self, repository: str) -> str:
        return str(self.path / f"{repository}.git")

    def has(self, repository: str) -> bool:
        return Path(self.address(repository)).exists()

    def create(self, repository: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        Git(self.path)("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", self.address(repository))


Destination = GitHub | Folder


def fetch_head(git: Git, destination: Destination, repository: str) -> str | None:
    """Fetch a published branch and return its commit; None where there is nothing yet.

    Raises:
        Refusal: if the repository has branches, but not ours.
    """
    if not destination.has(repository):
        return None
    address = destination.address(repository)
    listed = [line.split("\t") for line in git(*destination.options, "ls-remote", "--heads", address).splitlines()]
    branches = {name: commit for commit, name in listed}
    if not branches:
        return None
    if (branch := f"refs/heads/{BRANCH}") not in branches:
        raise Refusal(f"has no branch {BRANCH} but others, and is left alone: empty it or choose another name")
    git(*destination.options, "fetch", "--quiet", "--no-tags", address, branch)
    return branches[branch]


def push(git: Git, destination: Destination, repository: str, commit: str) -> None:
    """Fast-forward a repository's branch to a commit; git refuses anything else."""
    git(*destination.options, "push", "--quiet", destination.address(repository), f"{commit}:refs/heads/{BRANCH}")
