"""The steps of docs/make-it-yours.md, taken on a copy of the repository."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/make-it-yours.md"
MADE = (".venv", "build", ".git", "test-results", ".hypothesis", ".schemathesis", ".pytest_cache", "__pycache__")


@dataclass(frozen=True)
class Copy:
    """A copy of the repository, which uses the tools of this one."""

    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment in the copy."""
        program = [str(ROOT / ".venv/bin" / command[0]), *command[1:]]
        return subprocess.run(program, cwd=self.folder, capture_output=True, text=True, timeout=300)

    def make(self, target: str) -> None:
        """Run what a target of the Makefile runs, with the tools of this repository."""
        command = {"lock": ["bash", "scripts/lock"], "describe": [".venv/bin/python", "-m", "scripts.describe"]}[target]
        subprocess.run(command, cwd=self.folder, check=True, timeout=120)

    def take(self, heading: str) -> None:
        """Do what the section of a heading says: write its new files, and apply its changes to others."""
        section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
        for path, text in re.findall(r"^New file `(.+?)`:\n\n```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
            (self.folder / path).write_text(text)
        # One file after another: git counts the lines of a change again, and would take the next file's head as one.
        for change in re.findall(r"^--- a/.*?(?=^--- a/|^```)", section, re.MULTILINE | re.DOTALL):
            done = subprocess.run(
                ["git", "apply", "--recount", "-"], cwd=self.folder, input=change, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{heading}: {done.stderr}"

    def failures(self, *tests: str) -> str:
        """Lint, check types, and run tests; return what they say if anything fails, else ""."""
        for command in (
            ["ruff", "check", "--quiet"],
            ["ruff", "format", "--quiet", "--check", "app", "tests"],
            ["mypy"],
        ):
            if (done := self.run(*command)).returncode:
                return f"{command}: {done.stdout}{done.stderr}"
        done = self.run("pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", *tests)
        return done.stdout if done.returncode else ""


def copied(folder: Path) -> Copy:
    """Return a fresh copy in a folder."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*MADE), symlinks=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return Copy(folder)


def headings() -> Iterator[str]:
    """Yield the steps of the page."""
    yield from re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)
