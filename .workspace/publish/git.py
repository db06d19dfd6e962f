"""Git, one command at a time."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from publish.refusal import Refusal


@dataclass(frozen=True)
class Git:
    """A repository, by one of its folders; `environment` is added to that of its commands."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail."""
        environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"} | self.environment
        return subprocess.run(("git", *arguments), cwd=self.folder, env=environment, capture_output=True, text=True)

    def __call__(self, *arguments: str) -> str:
        """Return what a command says; raise Refusal with its complaint if it fails."""
        done = self.run(*arguments)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            # Hints and usage follow behind it.
            complaint = next((line for line in said if line.startswith(("fatal:", "error:", " ! "))), said[-1])
            raise Refusal(f"git {' '.join(arguments)}: {complaint.strip()}")
        return done.stdout.strip()
