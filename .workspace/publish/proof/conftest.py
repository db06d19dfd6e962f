"""The workspace as it was committed, published twice: as it is, and under a name of its own."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from rich.console import Console
from rich.table import Table

from publish.__main__ import WORKSPACE
from publish.names import REFERENCE, REPOSITORIES, Names
from publish.proof.clone import Clone, Outcome

LONG_NAME = "shop-with-the-longest-name-yet"

Published = Callable[[str], dict[str, Clone]]
Report = Callable[[str, Outcome, float], None]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    outcome: Outcome
    seconds: float


ROWS = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    # The hardest that are allowed: capitals, hyphens, and a name that is as long as it may be.
    parser.addoption("--owner", default="Octo-Cat")
    parser.addoption("--name", default=LONG_NAME, help=f"what {REFERENCE} is called the second time")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


def pytest_terminal_summary(config: pytest.Config) -> None:
    rows = config.stash[ROWS]
    table = Table(title="Published repositories, each alone", title_justify="left")
    for heading in ("repository", "passed", "skipped", "s", ""):
        table.add_column(heading, justify="right" if heading in ("passed", "skipped", "s") else "left")
    for row in rows:
        verdict = "passed" if row.outcome.status == 0 else "FAILED"
        numbers = (row.outcome.counts["passed"], row.outcome.counts["skipped"], round(row.seconds))
        table.add_row(row.what, *map(str, numbers), verdict)
    console = Console(width=140)
    console.print(table)
    for reason, number in sum((row.outcome.reasons for row in rows), Counter[str]()).most_common():
        console.print(f"  skipped {number}: {reason}", highlight=False, markup=False, soft_wrap=True)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Add a line to the table."""
    return lambda what, outcome, seconds: request.config.stash[ROWS].append(Row(what, outcome, seconds))


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the clones of what is published under a service's name, each by the folder it comes from."""
    committed = tmp_path_factory.mktemp("workspace")
    subprocess.run(("git", "clone", "--quiet", str(WORKSPACE), str(committed)), check=True)
    owner = request.config.getoption("--owner")

    @cache
    def publish(service: str) -> dict[str, Clone]:
        bare, alone = (tmp_path_factory.mktemp(f"{service}-{what}") for what in ("bare", "alone"))
        command = [sys.executable, "-m", "publish", "--owner", owner, "--name", service, "--go"]
        subprocess.run([*command, "--workspace", str(committed), "--to", str(bare)], check=True)
        clones = {}
        for folder, repository in zip(REPOSITORIES, Names(owner, service).repositories, strict=True):
            subprocess.run(("git", "clone", "--quiet", f"{bare / repository}.git"), cwd=alone, check=True)
            clones[folder] = Clone(alone / repository, WORKSPACE / folder)
            clones[folder].borrow()
        return clones

    return publish
