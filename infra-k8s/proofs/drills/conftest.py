"""The releases that the drills run on, each in its own namespace.

A drill mostly waits: for the kubelet, the operator, a scrape. pytest-xdist therefore runs several workers side by side,
each with a namespace of the pool and one healthy release in it.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from fcntl import LOCK_EX, flock

import pytest

from clients.namespaces import temporary_namespace
from proofs.drills.drills import Drill
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.image import Image, build
from proofs.settings import Settings

NAMESPACE = "drills"
SLOW = ("target", "prometheus-selection", "monitor-selection")  # Prometheus has to load a new configuration twice
# The release that the alerts are tested on: with traffic, and with a burn-rate alert of short windows. The dashboard is
# off because it draws the windows of the chart's defaults.
WITH_TRAFFIC: dict[str, object] = {
    "traffic.enabled": True,
    "traffic.rate": 10,
    "dashboard.enabled": False,
    "prometheusRule.faultActiveFor": "10s",
    "prometheusRule.slo.windows": [
        {"long": "1m", "short": "20s", "burnRate": 14.4, "for": "10s", "severity": "critical"}
    ],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the slow drills first: at the end they would run alone."""
    items.sort(key=lambda item: not is_slow(item))


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test is a drill that takes minutes."""
    callspec = getattr(item, "callspec", None)
    drill = callspec.params.get("drill") if callspec else None
    return isinstance(drill, Drill) and drill.link in SLOW


@pytest.fixture(scope="session")
def image(settings: Settings, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Image:
    """The image of every release, built once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    file = shared / "image.json"
    with (shared / "image.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not file.is_file():
            # Not under the chart's default repository: the doctor would correctly report that as a placeholder.
            built = build(settings, tag="0.1.0", version="0.1.0", revision="d" * 40, path="drills/flask-app")
            file.write_text(json.dumps(asdict(built)))
    return Image(**json.loads(file.read_text()))


@pytest.fixture(scope="session")
def release(settings: Settings, image: Image, worker_id: str) -> Iterator[ReleaseUnderTest]:
    """The worker's own release, healthy before and after each drill."""
    with temporary_namespace(f"{NAMESPACE}-{worker_id.removeprefix('gw')}") as namespace:
        yield ReleaseUnderTest.installed(namespace, settings, image)


@pytest.fixture(scope="session")
def release_with_traffic(settings: Settings, image: Image) -> Iterator[ReleaseUnderTest]:
    with temporary_namespace(NAMESPACE) as namespace:
        yield ReleaseUnderTest.installed(namespace, settings, image, WITH_TRAFFIC)
