"""Git, one command at a time."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from publish.refusal import Refusal

BRANCH = "main"


@dataclass(frozen=True)
class Git:
    """A repository, by one of its folders."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail."""
        environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
        return subprocess.run(("git", *arguments), cwd=self.folder, env=environment, capture_output=True, text=True)

    def __call__(self, *arguments: str) -> str:
        """Return a command's output; raise Refusal with git's reason if it fails."""
        done = self.run(*arguments)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            # Hints and usage follow behind it.
            reason = next((line for line in lines if line.startswith(("fatal:", "error:", " ! "))), lines[-1])
            raise Refusal(f"git {' '.join(arguments)}: {reason.strip()}")
        return done.stdout.strip()
