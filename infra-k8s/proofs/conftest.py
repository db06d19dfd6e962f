"""What every proof on a cluster starts from: settings, an image, a namespace, Prometheus."""

from collections.abc import Generator, Iterator
from pathlib import Path

import httpx
import kr8s
import pytest

from clients.diagnostics import diagnostics
from clients.monitoring import prometheus_client
from clients.namespaces import temporary_namespace
from clients.prometheus import Prometheus
from proofs.image import Image, build
from proofs.report import Proof, Proofs
from proofs.settings import MissingSetting, Settings, require_cluster
from scrape_doctor import temporary_files

BUILD = Path(__file__).resolve().parent.parent / "build"
PROOFS = pytest.StashKey[Proofs]()
OUTCOME = pytest.StashKey[pytest.TestReport]()
BUILDS_NOTHING = "release"  # the folder whose proofs start from an image that is there


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start on missing settings: one line, before anything is touched."""
    config.stash[PROOFS] = Proofs()
    temporary_files.delete_at_exit()
    try:
        if Path(config.args[0]).name == BUILDS_NOTHING:
            require_cluster()
        else:
            Settings.from_environment()
    except MissingSetting as missing:
        pytest.exit(str(missing), returncode=2)


def pytest_terminal_summary(config: pytest.Config) -> None:
    proofs = config.stash[PROOFS]
    if proofs.all:
        name = Path(config.args[0]).name
        proofs.print(f"make {name}")
        proofs.write(BUILD / f"{name}.json")


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """The row of this test in the table; its name is the test's first line of documentation."""
    name = str(request.function.__doc__).strip().splitlines()[0].rstrip(".")
    with request.config.stash[PROOFS].proof(name) as row:
        yield row
        outcome = request.node.stash.get(OUTCOME, None)
        row.passed = outcome is not None and outcome.passed


def last_words(namespace: str) -> str:
    """Return what the cluster and Prometheus say of a namespace in which a proof failed; never fail over it."""
    try:
        with prometheus_client() as prometheus:
            scrapes = "\n".join(prometheus.complaints(namespace))
    except (httpx.HTTPError, kr8s.NotFoundError, kr8s.ServerError, RuntimeError) as error:
        scrapes = f"Prometheus could not be asked: {error}"
    return f"{diagnostics(namespace)}\n{scrapes or 'no target of the namespace is down'}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[OUTCOME] = report
    # Now, and not when the fixtures end: by then the namespace is gone.
    if report.failed and report.when != "teardown":
        report.sections.append(("what the cluster says", last_words(namespace_of(item))))
    return report


def namespace_of(item: pytest.Item) -> str:
    """Return the namespace that a proof looks at: a fixture of that name, or a fixture's own."""
    fixtures: dict[str, object] = getattr(item, "funcargs", {})
    own = [namespace for value in fixtures.values() if isinstance(namespace := getattr(value, "namespace", None), str)]
    return str(fixtures.get("namespace") or next(iter(own), "flask-app"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.from_environment()


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """One of the proof's own, so that a release that somebody uses is left alone."""
    with temporary_namespace(f"flask-app-{request.path.parent.name}") as name:
        yield name


@pytest.fixture(scope="session")
def image(settings: Settings) -> Image:
    return build(settings, tag="0.1.0", version="0.1.0", revision="a" * 40)


@pytest.fixture(scope="session")
def prometheus() -> Iterator[Prometheus]:
    with prometheus_client() as client:
        yield client
