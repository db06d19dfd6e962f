"""A chart that is not ours, in the cluster: a DaemonSet and a PodMonitor, no Service, another port name."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.helm import helm
from clients.namespaces import temporary_namespace
from proofs.conftest import PROOFS
from proofs.drills.patient import Patient
from proofs.image import Image
from proofs.settings import Settings

CHART = Path(__file__).resolve().parents[2] / "tests" / "scrape_doctor" / "charts" / "courier"
EXPORTER = "import time, prometheus_client; prometheus_client.start_http_server(4000); time.sleep(1e6)"


@pytest.fixture
def courier(settings: Settings, image: Image) -> Iterator[Patient]:
    with temporary_namespace("drills-foreign", pod_security="baseline") as namespace:
        values = {
            "image": f"{image.repository}@{image.digest}",
            "command": ["python", "-c", EXPORTER],
            "check": ["python", "-c", ""],
        }
        pairs = [part for key, value in values.items() for part in ("--set-json", f"{key}={json.dumps(value)}")]
        helm("install", "post", str(CHART), "-n", namespace, *pairs)
        yield Patient(namespace, settings, {}, release="post")


@pytest.mark.timeout(600)
def test_a_foreign_chart_is_diagnosed_and_healed_by_the_doctors_own_command(
    courier: Patient, request: pytest.FixtureRequest
) -> None:
    with request.config.stash[PROOFS].proof("a foreign chart with a PodMonitor") as row:
        row.saw("symptom: no target appears after `helm install`")
        found = courier.until_diagnosed("monitor-label")
        row.saw(f"doctor: {found.finding.message}")
        row.saw(f"mend: {found.finding.fix}")
        subprocess.run(shlex.split(found.finding.fix), check=True, capture_output=True, text=True)
        courier.until_whole()
        row.passed = True
