"""What was proven, with its numbers: a table for people, a file for programs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass
class Proof:
    """One thing proven: what, with which numbers, in how many seconds."""

    name: str
    numbers: list[str] = field(default_factory=list)
    seconds: float = 0.0
    passed: bool = False

    def saw(self, number: str) -> None:
        """Note a number that belongs to the proof."""
        self.numbers.append(number)


class Proofs:
    """The proofs of one run, in order."""

    def __init__(self) -> None:
        self.all: list[Proof] = []

    @contextmanager
    def proof(self, name: str) -> Iterator[Proof]:
        """Time one proof; whoever runs it says whether it passed."""
        proof = Proof(name)
        self.all.append(proof)
        begin = time.monotonic()
        try:
            yield proof
        finally:
            proof.seconds = round(time.monotonic() - begin, 1)

    def print(self, title: str) -> None:
        """Print the table."""
        table = Table(title=title, title_justify="left", expand=True)
        for heading in ("proof", "numbers", "s", ""):
            table.add_column(heading, justify="right" if heading == "s" else "left", overflow="fold")
        for proof in self.all:
            verdict = "[green]proven[/]" if proof.passed else "[red]FAILED[/]"
            table.add_row(proof.name, "\n".join(proof.numbers), f"{proof.seconds:.0f}", verdict)
        Console(width=140).print(table)

    def write(self, path: Path) -> None:
        """Write the same as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(proof) for proof in self.all], indent=2) + "\n")
