"""A chain of steps in a checkout: a `make ci`, which names each step before it begins and ends with one that fails.

The output is kept as it comes, whole and by step; what it says of the steps is all that is known of them here.
"""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO

from proofs.pipeline.place import FOREIGN
from proofs.pipeline.repository import OURSELVES

ANNOUNCED = re.compile(r"==> (?P<command>make (?P<step>[a-z-]+).*)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Make's own lines, and the summary with which a chain ends: not what a step has said.
AROUND = re.compile(r"make(\[\d+\])?: .*|ci:.*")
LAST_LINES = 25


@dataclass(frozen=True)
class Outcome:
    """What became of a step; `begin` in seconds since the epoch, `said` the last line of its output."""

    chain: str
    step: str
    command: str
    begin: float
    seconds: float
    passed: bool
    said: str
    log: str


class Journal:
    """The outcomes of all chains of a run in a file, in the order in which the steps ended."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def add(self, outcome: Outcome) -> None:
        """Append an outcome."""
        with self.file.open("a") as lines:
            lines.write(json.dumps(asdict(outcome)) + "\n")

    def read(self) -> list[Outcome]:
        """Return all outcomes, oldest first."""
        if not self.file.exists():
            return []
        return [Outcome(**json.loads(line)) for line in self.file.read_text().splitlines()]


def alone() -> dict[str, str]:
    """Return this process's environment as a machine that knows only the one repository would have it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") and key not in FOREIGN}
    return kept | OURSELVES


class Step:
    """One step while it runs: its time and its output."""

    def __init__(self, chain: str, name: str, command: str, log: Path) -> None:
        self.chain, self.name, self.command, self.log = chain, name, command, log
        self.begin, self.clock = time.time(), time.monotonic()
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        """Take in a line of its output; with the first it is known not to be the announcement of another step."""
        if not self.lines:
            print(f"{self.chain} {self.name} …", flush=True)
        self.lines.append(line)

    def end(self, passed: bool) -> Outcome:
        """Write its output down, print how it went, and return that."""
        self.log.write_text("".join(self.lines))
        plain = [text for line in self.lines if (text := COLOURS.sub("", line).rstrip())]
        own = list(takewhile(lambda line: not AROUND.fullmatch(line), plain))
        seconds = round(time.monotonic() - self.clock, 1)
        if not passed:
            print("\n".join(f"    {line}" for line in plain[-LAST_LINES:]), flush=True)
        print(f"{self.chain} {self.name} {'passed' if passed else 'FAILED'} after {seconds:.0f} s", flush=True)
        said = own[-1].strip("= ") if own else ""
        return Outcome(self.chain, self.name, self.command, self.begin, seconds, passed, said, self.log.name)


@dataclass(frozen=True)
class Chain:
    """A chain by its name, where it writes its output, and where what became of its steps."""

    name: str
    logs: Path
    journal: Journal

    def run(self, checkout: Path, command: tuple[str, ...], variables: Mapping[str, str]) -> bool:
        """Run a make target in a checkout, itself a step or a chain of them, and say whether it passed."""
        with subprocess.Popen(
            command,
            cwd=checkout,
            env={**alone(), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as running:
            assert running.stdout is not None
            step = self.follow(running.stdout, self.begin(command[1], shlex.join(command)))
        passed = running.returncode == 0
        self.journal.add(step.end(passed))
        return passed

    def follow(self, output: IO[str], whole: Step) -> Step:
        """Read the output to its end, write down each step that another one follows, and return the last.

        Until a step is announced, what is read belongs to the whole; a chain says nothing of its own there.
        """
        step = whole
        for line in output:
            if announced := ANNOUNCED.fullmatch(line.strip()):
                if step is not whole or step.lines:
                    self.journal.add(step.end(passed=True))
                step = self.begin(announced["step"], announced["command"])
            elif line.strip() or step.lines:
                step.add(line)
        return step

    def begin(self, step: str, command: str) -> Step:
        """Begin a step, with a file of its own for its output."""
        log = self.logs / f"{len(self.journal.read()) + 1:02}-{self.name}-{step}.log"
        return Step(self.name, step, command, log)
