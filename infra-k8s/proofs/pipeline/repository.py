"""Git, free of whatever the user has configured: filling a repository, cloning it, committing and pushing."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

OURSELVES = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "pipeline",
    "GIT_AUTHOR_EMAIL": "pipeline@localhost",
    "GIT_COMMITTER_NAME": "pipeline",
    "GIT_COMMITTER_EMAIL": "pipeline@localhost",
}


class GitFailed(RuntimeError):
    """Git ended with an error; the message holds its own words."""


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment in which git knows of no repository but the one it is told of: a hook has one in its."""
    return {key: value for key, value in given.items() if not key.startswith("GIT_")} | OURSELVES


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed; raise GitFailed otherwise."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, env=environment())
    if done.returncode != 0:
        raise GitFailed(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def sources(folder: Path) -> list[str]:
    """Return the files of a working copy that git has or would take, by their paths in it."""
    found = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(name for name in set(found.split("\0")) if name and (folder / name).is_file())


def fill(bare: Path, source: Path) -> None:
    """Make a bare repository whose branch main holds one commit: the source's working copy as it is."""
    draft = bare.with_suffix(".draft")
    for name in sources(source):
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, draft / name)
    git(bare.parent, "init", "--quiet", "--initial-branch=main", str(draft))
    commit(draft, f"{source.name} as it is")
    git(bare.parent, "clone", "--quiet", "--bare", str(draft), str(bare))
    shutil.rmtree(draft)


def commit(clone: Path, message: str) -> str:
    """Commit all that changed in a clone and return the commit's full name."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", message)
    return git(clone, "rev-parse", "HEAD")


def push(clone: Path, variables: Mapping[str, str]) -> None:
    """Push a clone's HEAD to main and show what the other side prints, until its hook is through.

    The hook sees `variables`. Raise GitFailed where the push itself is refused; what the hook did is in its journal.
    """
    command = ["git", "-C", str(clone), "push", "--quiet", "origin", "HEAD:main"]
    # A session of its own, so that all that the hook started can be ended with it.
    with subprocess.Popen(command, env=environment(variables), start_new_session=True) as pushing:
        try:
            status = pushing.wait()
        except BaseException:
            os.killpg(pushing.pid, signal.SIGTERM)
            raise
    if status != 0:
        raise GitFailed(f"{' '.join(command)} ended with {status}")
