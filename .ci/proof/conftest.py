"""The committed workspace: split into repositories of other names, and published under a name of its own."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from proof.clone import Clone, Outcome
from publish.__main__ import WORKSPACE
from publish.git import Git
from publish.names import REFERENCE, REPOSITORIES, Names

LONG_NAME = "shop-with-the-longest-name-yet"
# A fork may be called anything: nothing that publishing writes is in these.
OTHER_NAMES = dict(zip(REPOSITORIES, ("my-web-service", "cluster-config", "portfolio"), strict=True))

Clones = dict[str, Clone]
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
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone of the workspace."""
    folder = tmp_path_factory.mktemp("workspace")
    subprocess.run(("git", "clone", "--quiet", str(WORKSPACE), str(folder)), check=True)
    return folder


@pytest.fixture(scope="session")
def split(committed: Path, tmp_path_factory: pytest.TempPathFactory) -> Clones:
    """Return the folders as repositories of other names, without anything rewritten in them."""
    git, alone = Git(committed), tmp_path_factory.mktemp("split")
    for folder, repository in OTHER_NAMES.items():
        git("subtree", "split", "-q", f"--prefix={folder}", f"--branch={repository}", "HEAD")
        git("clone", "--quiet", "--branch", repository, "--single-branch", str(committed), str(alone / repository))
    return {folder: clone(folder, alone / repository) for folder, repository in OTHER_NAMES.items()}


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest, committed: Path, tmp_path_factory: pytest.TempPathFactory) -> Clones:
    """Return the clones of what is published under a service's name, each by the folder it comes from."""
    owner, service = request.config.getoption("--owner"), request.config.getoption("--name")
    bare, alone = (tmp_path_factory.mktemp(f"published-{what}") for what in ("bare", "alone"))
    command = [sys.executable, "-m", "publish", "--owner", owner, "--name", service, "--go"]
    subprocess.run([*command, "--workspace", str(committed), "--to", str(bare)], check=True)
    repositories = dict(zip(REPOSITORIES, Names(owner, service).repositories, strict=True))
    for repository in repositories.values():
        Git(alone)("clone", "--quiet", str(bare / f"{repository}.git"))
    return {folder: clone(folder, alone / repository) for folder, repository in repositories.items()}


def clone(folder: str, path: Path) -> Clone:
    """Return the clone at `path` of what was a folder of the workspace, with that folder's installed packages."""
    made = Clone(path, WORKSPACE / folder)
    made.reuse_environment()
    return made
