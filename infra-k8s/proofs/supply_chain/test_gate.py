"""Prove `make gate`, the step after a deploy: it keeps a good release and rolls back a bad or unobserved one.

The tests build on each other in the order of this file.
"""

import os
import subprocess
from pathlib import Path

import pytest

from clients.helm import Release
from clients.kubernetes import pods, ready
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import Image
from proofs.recording import Proof
from proofs.release_checks import JOB
from proofs.supply_chain.conftest import REVISION
from proofs.supply_chain.publisher import Publisher

INFRA = Path(__file__).resolve().parents[2]
SECONDS = 30
# Short intervals: these proofs do not measure how a pod shuts down.
QUICK: dict[str, object] = {
    "minReadySeconds": 0,
    "shutdown": {"preStopSeconds": 1, "drainSeconds": 1, "timeoutSeconds": 3, "marginSeconds": 1},
    "serviceMonitor.interval": "5s",
    "serviceMonitor.scrapeTimeout": "3s",
}
BROKEN = "b" * 40
BROKEN_PAGE = "{{ undefined_function() }}"


@pytest.fixture(scope="module")
def broken(publisher: Publisher, image: Image) -> Image:
    """An image that starts and answers its probes, and answers every request for its page with an error."""
    instructions = ("COPY index.html /app/templates/index.html", f"ENV APP_REVISION={BROKEN}")
    return publisher.build(image, "broken", *instructions, page=BROKEN_PAGE)


def gate(release: Release, *variables: str, revision: str = "") -> subprocess.CompletedProcess[str]:
    """Run the step as the workflow does."""
    target = ("make", "--silent", "--old-file=setup", "gate", f"NAMESPACE={release.namespace}", f"SECONDS={SECONDS}")
    environment = {**os.environ, "REVISION": revision}
    return subprocess.run([*target, *variables], cwd=INFRA, env=environment, capture_output=True, text=True)


def running(release: Release) -> set[str]:
    """Return the images of the Ready pods."""
    return {pod.spec["containers"][0]["image"] for pod in pods(release.namespace) if ready(pod)}


def output(proof: Proof, done: subprocess.CompletedProcess[str]) -> str:
    """Record the gate's result, and return its whole output."""
    for line in f"{done.stdout}\n{done.stderr}".splitlines():
        if line.startswith("gate: "):
            proof.note(line)
    return f"{done.stdout}\n{done.stderr}"


def test_good_release(proof: Proof, release: Release, image: Image) -> None:
    """A good release stays."""
    release.upgrade({**QUICK, **image.values})
    done = gate(release, revision=REVISION)
    assert done.returncode == 0, output(proof, done)
    assert "gate: passed" in output(proof, done)


def test_unreachable_prometheus(proof: Proof, release: Release) -> None:
    """Without a reachable Prometheus no release passes."""
    done = gate(release, "MONITORING_NAMESPACE=default", "ROLLBACK=0", "SECONDS=5")
    assert done.returncode != 0
    assert "no data" in output(proof, done)


def test_errors_behind_good_probes(proof: Proof, release: Release, image: Image, broken: Image) -> None:
    """A release whose probes pass while it serves errors is rolled back."""
    release.upgrade({**QUICK, **broken.values})
    assert running(release) == {f"{broken.repository}@{broken.digest}"}
    proof.note("helm upgrade succeeded: every pod is Ready")
    done = gate(release, revision=BROKEN)
    assert done.returncode != 0
    assert "5xx" in output(proof, done).partition("not passed:")[2]
    assert release.history()[-1]["description"].startswith("Rollback to")
    assert running(release) == {f"{image.repository}@{image.digest}"}


def test_release_that_is_not_scraped(proof: Proof, release: Release, image: Image, prometheus: Prometheus) -> None:
    """A release that Prometheus does not scrape is rolled back, also if it serves well."""
    not_scraped = {"serviceMonitor.labels": {"release": "none"}, "podAnnotations": {"proof": "not-scraped"}}
    release.upgrade({**QUICK, **image.values, **not_scraped})

    def complaint() -> str:
        left = prometheus.targets(JOB, release.namespace)
        return f"{len(left)} targets remain" if left else ""

    until(CONFIGURED, "the removal of the targets", complaint)
    done = gate(release)
    assert done.returncode != 0, output(proof, done)
    assert "no data" in output(proof, done).partition("not passed:")[2]
    assert release.history()[-1]["description"].startswith("Rollback to")


def test_first_release_that_fails(proof: Proof, release: Release, broken: Image) -> None:
    """A first release that serves errors is uninstalled: there is no revision to roll back to."""
    release.uninstall()
    release.upgrade({**QUICK, **broken.values})
    done = gate(release)
    assert done.returncode != 0
    assert "uninstalled" in output(proof, done)
    assert not pods(release.namespace)
