"""Fixtures of every proof on a cluster: settings, image, namespace, release, Prometheus; and the record of the run."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from clients.helm import Release
from clients.monitoring import prometheus_client
from clients.namespaces import temporary_namespace
from clients.prometheus import Prometheus
from proofs.failure_report import failure_report
from proofs.image import Image, build
from proofs.recording import ProofRecorder
from proofs.settings import MissingSetting, Settings, require_cluster
from scrape_doctor import temporary_files

BUILD = Path(__file__).resolve().parent.parent / "build"
TARGETS = {"supply_chain": "delivery", "release": "prove"}  # the make targets that have another name than their folder
PUBLISHED_IMAGE = "release"  # the folder whose proofs take a published image and build none


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start on missing settings: one line, before the cluster is touched."""
    temporary_files.delete_at_exit()
    folder = folder_of(config.args[0])
    target = TARGETS.get(folder, folder)
    # What a choice of proofs saw is no whole run.
    chosen = "-chosen" if os.environ.get("SCENARIOS") else ""
    config.pluginmanager.register(ProofRecorder(f"make {target}", BUILD / f"{target}{chosen}.json"))
    try:
        if folder == PUBLISHED_IMAGE:
            require_cluster()
        else:
            Settings.from_environment()
    except MissingSetting as missing:
        pytest.exit(str(missing), returncode=2)


def folder_of(argument: str) -> str:
    """Return the folder of the proofs in an argument of pytest: `drills` for proofs/drills/test_alerts.py::test_x."""
    path = Path(argument.partition("::")[0]).resolve()
    proofs = Path(__file__).parent
    return path.relative_to(proofs).parts[0] if proofs in path.parents else proofs.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the cluster's diagnostics to a failure at once: when the fixtures end, the namespace is deleted."""
    report = yield
    if report.failed and report.when != "teardown":
        report.sections.append(("diagnostics of the cluster", failure_report(namespace_of(item))))
    return report


def namespace_of(item: pytest.Item) -> str:
    """Return the namespace of a proof: the fixture `namespace`, or the namespace of another fixture."""
    fixtures: dict[str, object] = getattr(item, "funcargs", {})
    own = [namespace for value in fixtures.values() if isinstance(namespace := getattr(value, "namespace", None), str)]
    return str(fixtures.get("namespace") or next(iter(own), "flask-app"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.from_environment()


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace for the proofs of one folder; a release in use has another namespace and stays as it is."""
    with temporary_namespace(f"flask-app-{request.path.parent.name.replace('_', '-')}") as name:
        yield name


@pytest.fixture(scope="session")
def image(settings: Settings) -> Image:
    return build(settings, tag="0.1.0", version="0.1.0", revision="a" * 40)


@pytest.fixture(scope="module")
def release(namespace: str) -> Iterator[Release]:
    release = Release(namespace)
    yield release
    release.uninstall()


@pytest.fixture(scope="session")
def prometheus() -> Iterator[Prometheus]:
    with prometheus_client() as client:
        yield client
