"""Bare repositories in a folder, where act's runs find https://github.com/OWNER/NAME.git.

Anybody may read them. Only a clone whose local settings say so may push: a job gets them from `gh auth setup-git` or
from a checkout that keeps its credentials.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEVELOPER = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "developer",
    "GIT_AUTHOR_EMAIL": "developer@localhost",
    "GIT_COMMITTER_NAME": "developer",
    "GIT_COMMITTER_EMAIL": "developer@localhost",
}
SETTINGS = """\
[url "file://{folder}/"]
	insteadOf = https://github.com/
[url "file://{folder}/no-right-to-push/"]
	pushInsteadOf = https://github.com/
[safe]
	directory = *
[advice]
	detachedHead = false
"""


# The session is that of the step that pushes: act gives each step one of its own.
CUT = """\
#!/bin/sh
rm -f "$0"
kill -KILL "$(ps -o sid= -p $$ | tr -d ' ')"
"""


class GitFailed(RuntimeError):
    """Git ended with an error; the message holds its own words."""


def git(folder: Path, *arguments: str, given: Mapping[str, str] = os.environ) -> str:
    """Run git in a folder, free of the user's settings, and return what it printed; raise GitFailed otherwise."""
    environment = {key: value for key, value in given.items() if not key.startswith("GIT_")} | DEVELOPER
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise GitFailed(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


@dataclass(frozen=True)
class GitServer:
    """The folder of bare repositories."""

    folder: Path

    def bare(self, repository: str) -> Path:
        """Return where OWNER/NAME is kept."""
        return self.folder / f"{repository}.git"

    def write_settings(self, file: Path) -> None:
        """Write git's settings for everybody who reaches these repositories as GitHub's."""
        file.write_text(SETTINGS.format(folder=self.folder))

    def publish(self, repository: str, source: Path, replaced: Mapping[str, str] | None = None) -> None:
        """Make a repository whose branch main holds one commit: the source's working copy as it is.

        In every text file the keys of `replaced` are replaced by their values.
        """
        bare, draft = self.bare(repository), self.folder / "draft"
        for name in sources(source):
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, draft / name)
            replace(draft / name, replaced or {})
        git(self.folder, "init", "--quiet", "--initial-branch=main", str(draft))
        commit(draft, f"{source.name} as it is")
        bare.parent.mkdir(parents=True, exist_ok=True)
        git(self.folder, "clone", "--quiet", "--bare", str(draft), str(bare))
        git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")  # as GitHub's
        shutil.rmtree(draft)

    def clone(self, repository: str, folder: Path) -> Path:
        """Clone a repository for a developer, who may push, and return the clone."""
        git(self.folder, "clone", "--quiet", str(self.bare(repository)), str(folder))
        return folder

    def cut_next_push(self, repository: str) -> None:
        """Kill the step that pushes next, as soon as its commit was taken."""
        hook = self.bare(repository) / "hooks" / "post-receive"
        hook.write_text(CUT)
        hook.chmod(0o755)

    def at(self, repository: str, revision: str = "main") -> str:
        """Return the full name of a commit."""
        return git(self.bare(repository), "rev-parse", f"{revision}^{{commit}}")

    def read(self, repository: str, path: str, revision: str = "main") -> str:
        """Return a file as it is at a commit."""
        return git(self.bare(repository), "show", f"{revision}:{path}") + "\n"


def sources(folder: Path) -> list[str]:
    """Return the files of a working copy that git has or would take, by their paths in it."""
    found = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(name for name in set(found.split("\0")) if name and (folder / name).is_file())


def replace(file: Path, replaced: Mapping[str, str]) -> None:
    """Replace names in a text file; leave any other file alone."""
    try:
        text = before = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for old, new in replaced.items():
        text = text.replace(old, new)
    if text != before:
        file.write_text(text, encoding="utf-8")


def commit(clone: Path, message: str) -> str:
    """Commit all that changed in a clone and return the commit's full name."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", message)
    return git(clone, "rev-parse", "HEAD")
