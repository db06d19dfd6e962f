"""Healthy releases: one for the proofs that come one by one, and a ward of others, drilled meanwhile.

Most of a drill is waiting for somebody else: the kubelet, the operator, a scrape.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial

import pytest

from clients.namespaces import temporary_namespaces
from proofs.conftest import PROOFS
from proofs.drills.drills import DRILLS
from proofs.drills.patient import Patient
from proofs.drills.treatment import treat
from proofs.drills.ward import Ward
from proofs.image import Image, build
from proofs.settings import Settings

NAMESPACE = "drills"
LAST = "test_drills.py"
BEDS = 3
SLOW = ("target", "prometheus-selection", "monitor-selection")  # Prometheus has to be told twice: these begin
# The one that alerts are drilled on: with traffic, and with a burn-rate alert that needs no hours. No dashboard, for it
# draws the windows of the chart's defaults.
VISITED: dict[str, object] = {
    "traffic.enabled": True,
    "traffic.rate": 10,
    "dashboard.enabled": False,
    "prometheusRule.faultActiveFor": "10s",
    "prometheusRule.slo.windows": [
        {"long": "1m", "short": "20s", "burnRate": 14.4, "for": "10s", "severity": "critical"}
    ],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for the ward's results last: until then it works beside the other proofs."""
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.fixture(scope="session")
def image(settings: Settings) -> Image:
    # Not under the chart's own repository: the doctor would rightly call that a placeholder.
    return build(settings, tag="0.1.0", version="0.1.0", revision="d" * 40, path="drills/flask-app")


@pytest.fixture(scope="session")
def namespaces() -> Iterator[list[str]]:
    names = [NAMESPACE, *(f"{NAMESPACE}-{bed}" for bed in range(1, BEDS + 1))]
    with temporary_namespaces(*names):
        yield names


@pytest.fixture(scope="session")
def patient(settings: Settings, image: Image, namespaces: list[str]) -> Patient:
    return Patient.admitted(namespaces[0], settings, image, VISITED)


@pytest.fixture(scope="session")
def ward(settings: Settings, image: Image, namespaces: list[str]) -> Iterator[Ward]:
    ward = Ward(lambda namespace: Patient.admitted(namespace, settings, image), namespaces[1:])
    yield ward
    ward.close()


@pytest.fixture(scope="session", autouse=True)
def outcomes(request: pytest.FixtureRequest) -> dict[str, Future[None]]:
    """What will have become of each drill that was asked for, by its name."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function) and item.path.name == LAST]
    asked = [item.callspec.params["drill"] for item in items]
    drills = [drill for drill in DRILLS if drill in asked]
    if os.environ.get("NETWORK_POLICY_ENFORCED") != "1":
        drills = [drill for drill in drills if drill.link != "network-policy"]
    drills.sort(key=lambda drill: drill.link not in SLOW)
    ward: Ward | None = request.getfixturevalue("ward") if drills else None
    proofs = request.config.stash[PROOFS]
    return {drill.name: ward.next(partial(treat, drill, proofs)) for drill in drills if ward}
