"""A clone of a published repository, with nothing beside it."""

import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# What names a repository's siblings, and what the make around this one would pass on.
NOT_PASSED = (
    "REQUIRE_ALL",
    "APP_DIR",
    "INFRA_DIR",
    "DOCS_DIR",
    "WORKSPACE_DIR",
    "PYTHONPATH",
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
)
REUSED = (".venv", ".venv-run", ".venv-up", "node_modules")
LOCKS = ("requirements*.txt", "package-lock.json")

_SUMMARY = re.compile(r"^=+ (.*) in [\d.]+s.* =+$", re.MULTILINE)
_SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] \S+ (.*)$", re.MULTILINE)


@dataclass
class Outcome:
    """How `make` ended in a clone: its output, and what pytest counted in it."""

    status: int
    output: str
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for summary in _SUMMARY.findall(self.output):
            self.counts.update({what: int(number) for number, what in re.findall(r"(\d+) (\w+)", summary)})
        for number, reason in _SKIPPED.findall(self.output):
            self.reasons[reason] += int(number)


@dataclass(frozen=True)
class Clone:
    """A clone's folder, and the folder of the workspace that it comes from."""

    folder: Path
    origin: Path

    def reuse_environment(self) -> None:
        """Link to the origin's installed packages where both lock the same; otherwise the clone installs its own."""
        if self._locked(self.folder) != self._locked(self.origin):
            return
        for name in REUSED:
            if not (self.origin / name).is_dir():
                continue
            (self.folder / name).mkdir()
            for entry in (self.origin / name).iterdir():
                here = self.folder / name / entry.name
                # A file, like the mark that all is installed, is as new as the clone's lock file.
                here.symlink_to(entry) if entry.is_dir() else shutil.copyfile(entry, here)

    @staticmethod
    def _locked(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for lock in LOCKS for path in folder.glob(lock)}

    def make(self, *arguments: str) -> Outcome:
        """Run make as somebody would who has only this repository, or what `arguments` name."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED}
        environment["GITHUB_REPOSITORY"] = f"Octo-Cat/{self.folder.name}"  # as a workflow's run has it
        done = subprocess.run(
            ("make", *arguments),
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
        )
        return Outcome(done.returncode, done.stdout)
