"""Drill the doctor on a foreign chart: a DaemonSet and a PodMonitor, no Service, another port name."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.helm import helm
from clients.namespaces import temporary_namespace
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.image import Image
from proofs.recording import Proof
from proofs.settings import Settings

CHART = Path(__file__).parent / "charts" / "courier"
EXPORTER = "import time, prometheus_client; prometheus_client.start_http_server(4000); time.sleep(1e6)"


@pytest.fixture
def courier(settings: Settings, image: Image) -> Iterator[ReleaseUnderTest]:
    with temporary_namespace("drills-foreign", pod_security="baseline") as namespace:
        values = {
            "image": f"{image.repository}@{image.digest}",
            "command": ["python", "-c", EXPORTER],
            "check": ["python", "-c", ""],
        }
        pairs = [part for key, value in values.items() for part in ("--set-json", f"{key}={json.dumps(value)}")]
        helm("install", "post", str(CHART), "-n", namespace, *pairs)
        yield ReleaseUnderTest(namespace, settings, {}, release="post")


@pytest.mark.timeout(600)
def test_the_doctor_names_the_cause_and_its_command_fixes_it(courier: ReleaseUnderTest, proof: Proof) -> None:
    """The doctor diagnoses a foreign chart with a PodMonitor, and its own command fixes it."""
    proof.note("symptom: no target appears after `helm install`")
    finding = courier.wait_for_diagnosis("monitor-label").finding
    proof.note(f"doctor: {finding.message}")
    proof.note(f"fix: {finding.fix}")
    subprocess.run(shlex.split(finding.fix), check=True, capture_output=True, text=True)
    courier.wait_until_healthy()
