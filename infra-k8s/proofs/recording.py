"""Record what each proof measured: a table for people, a JSON file for programs."""

import json
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

PROPERTY = "proof"  # the user property that carries a proof from a pytest-xdist worker to the controller
CALL = pytest.StashKey[pytest.TestReport]()


@dataclass
class Proof:
    """One proof: what it shows, its measurements, its duration in seconds, and whether it passed."""

    name: str
    numbers: list[str] = field(default_factory=list)
    seconds: float = 0.0
    passed: bool = False

    def note(self, measurement: str) -> None:
        """Add a line to the record."""
        self.numbers.append(measurement)


class ProofRecorder:
    """A pytest plugin: provides the fixture `proof`, and records every proof that used it when the run ends.

    The proofs are in the order of collection, also where pytest-xdist runs them side by side.
    """

    def __init__(self, title: str, file: Path) -> None:
        self.title = title
        self.file = file
        self.proofs: dict[int, Proof] = {}

    @pytest.fixture
    def proof(self, request: pytest.FixtureRequest) -> Iterator[Proof]:
        """The record of this test; its name is the first line of the test's docstring."""
        proof = Proof(str(request.function.__doc__).strip().splitlines()[0].rstrip("."))
        begin = time.monotonic()
        yield proof
        proof.seconds = round(time.monotonic() - begin, 1)
        call = request.node.stash.get(CALL, None)
        proof.passed = call is not None and call.passed
        position = request.session.items.index(request.node)
        request.node.user_properties.append((PROPERTY, {"position": position, "proof": asdict(proof)}))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the outcome of the test for its fixture."""
        report = yield
        if report.when == "call":
            item.stash[CALL] = report
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the proof out of a test's last report."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == PROPERTY and isinstance(value, dict):
                    self.add(value)

    def add(self, recorded: dict[str, Any]) -> None:
        """Add one proof as its test recorded it."""
        self.proofs[recorded["position"]] = Proof(**recorded["proof"])

    def pytest_terminal_summary(self) -> None:
        """Print the table and write the file; a run without proofs leaves the last file alone."""
        proofs = [self.proofs[position] for position in sorted(self.proofs)]
        if proofs:
            Console(width=140).print(table(self.title, proofs))
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps([asdict(proof) for proof in proofs], indent=2) + "\n")


def table(title: str, proofs: list[Proof]) -> Table:
    """Return the proofs as a table for the terminal."""
    rows = Table(title=title, title_justify="left", expand=True)
    for heading in ("proof", "numbers", "s", ""):
        rows.add_column(heading, justify="right" if heading == "s" else "left", overflow="fold")
    for proof in proofs:
        verdict = "[green]proven[/]" if proof.passed else "[red]FAILED[/]"
        rows.add_row(proof.name, "\n".join(proof.numbers), f"{proof.seconds:.0f}", verdict)
    return rows
