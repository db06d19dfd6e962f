"""Git, through its binary."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from clients.errors import ClientFailed


class GitFailed(ClientFailed):
    """Git ended with an error; the message names the command and holds git's last line."""


def git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git in a folder and return what it printed, without the line break at its end; raise GitFailed otherwise."""
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise GitFailed(f"git {arguments[0]}: {lines[-1] if lines else f'exit status {done.returncode}'}")
    return done.stdout.strip()
