"""Fixtures of the workflow proofs: an owner's repositories, and namespaces of their own in the cluster."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.helm import Release
from clients.namespaces import temporary_namespace
from proofs.settings import MissingSetting
from proofs.workflows.organization import Names, Organization
from proofs.workflows.settings import WorkflowSettings

LOGS = Path(__file__).resolve().parents[2] / "build" / "workflows"
PICTURED = {"ci": "ci.log", "deploy": "cd.log"}


def names(item: pytest.Item) -> set[str]:
    """Return by which words a proof is chosen: its own, and that of its module."""
    own = item.callspec.id if isinstance(item, pytest.Function) and hasattr(item, "callspec") else item.name
    return {own, item.path.stem.removeprefix("test_")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the proofs that SCENARIOS names; refuse a name that nothing has, since a proof of nothing would pass."""
    wanted = set(os.environ.get("SCENARIOS", "").split())
    known = {name for item in items for name in names(item)}
    if unknown := wanted - known:
        pytest.exit(f"SCENARIOS names {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}", returncode=2)
    if wanted:
        config.hook.pytest_deselected(items=[item for item in items if not names(item) & wanted])
        items[:] = [item for item in items if names(item) & wanted]


def pytest_configure() -> None:
    """Refuse to start on missing settings: one line, before the cluster is touched."""
    try:
        WorkflowSettings.from_environment()
    except MissingSetting as missing:
        pytest.exit(str(missing), returncode=2)


@contextmanager
def organization(settings: WorkflowSettings, names: Names) -> Iterator[Organization]:
    """Make an owner's repositories and a namespace for their release; keep the logs of their runs."""
    with tempfile.TemporaryDirectory(prefix="workflows-", ignore_cleanup_errors=True) as folder:
        made = Organization(Path(folder), settings, names)
        with temporary_namespace(made.namespace):
            try:
                yield made
            finally:
                keep_logs(made)
                Release(made.namespace).uninstall()


def keep_logs(made: Organization) -> None:
    """Copy what each run printed into build/workflows/OWNER, and the last that passed of ci and deploy beside that."""
    kept = LOGS / made.names.owner
    kept.mkdir(parents=True, exist_ok=True)
    for run in made.github.runs:
        if (log := run.folder / "log.txt").exists():
            (kept / f"{run.folder.name}.txt").write_text(log.read_text(errors="replace"))
        if run.name in PICTURED and run.outcome and run.outcome.passed:
            (LOGS / PICTURED[run.name]).write_text(run.outcome.output())


@pytest.fixture(scope="session")
def workflow_settings() -> WorkflowSettings:
    return WorkflowSettings.from_environment()


@pytest.fixture(scope="module")
def owner(workflow_settings: WorkflowSettings) -> Iterator[Organization]:
    """The repositories as most people will have them, and an owner whom the registry does not know yet."""
    with organization(workflow_settings, Names(f"example-owner-{secrets.token_hex(3)}")) as made:
        yield made


@pytest.fixture(scope="module")
def namespace(workflow_settings: WorkflowSettings) -> str:
    """Whose diagnostics are shown where a proof fails."""
    return workflow_settings.given["NAMESPACE"]
