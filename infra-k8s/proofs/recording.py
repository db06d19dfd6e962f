"""Record what each proof measured: a table for people, a JSON file for programs."""

import json
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from operator import itemgetter
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
        self.proofs: list[tuple[int, Proof]] = []

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
        """Take the proof out of a test's last report; a fixture that failed is a failed row."""
        if report.when == "teardown":
            self.proofs += [positioned(value) for name, value in report.user_properties if name == PROPERTY]
        if report.failed and report.when != "call":
            self.proofs.append((sys.maxsize, Proof(f"{report.nodeid}: {report.when}")))

    def pytest_terminal_summary(self) -> None:
        """Print the table and write the file; a run without proofs leaves the last file alone."""
        if proofs := [proof for _, proof in sorted(self.proofs, key=itemgetter(0))]:
            Console(width=140).print(table(self.title, proofs))
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps([asdict(proof) for proof in proofs], indent=2) + "\n")


def positioned(recorded: Any) -> tuple[int, Proof]:
    """Return the position of a test and its proof, as the fixture put them into its report."""
    return recorded["position"], Proof(**recorded["proof"])


def table(title: str, proofs: list[Proof]) -> Table:
    """Return the proofs as a table for the terminal."""
    rows = Table(title=title, title_justify="left", expand=True)
    for heading in ("proof", "numbers", "s", ""):
        rows.add_column(heading, justify="right" if heading == "s" else "left", overflow="fold")
    for proof in proofs:
        verdict = "[green]proven[/]" if proof.passed else "[red]FAILED[/]"
        rows.add_row(proof.name, "\n".join(proof.numbers), f"{proof.seconds:.0f}", verdict)
    return rows
