"""Git, through its binary."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from clients.errors import ClientFailed

# They name a repository, and git sets them for a hook: there they would win over the folder.
REPOSITORY_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


class GitFailed(ClientFailed):
    """Git ended with an error; the message names the command and holds git's last line."""


def git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git in a folder and return what it printed, without the line break at its end; raise GitFailed otherwise."""
    command = ["git", "-C", str(folder), *arguments]
    inherited = os.environ if environment is None else environment
    variables = {name: value for name, value in inherited.items() if name not in REPOSITORY_VARIABLES}
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise GitFailed(f"git {arguments[0]}: {lines[-1] if lines else f'exit status {done.returncode}'}")
    return done.stdout.strip()
