"""`make gate`, as it runs after a deploy: a good release stays, one that serves errors or is not seen does not.

The tests build on each other in the order of this file.
"""

import os
import subprocess
from pathlib import Path

import pytest

from clients.helm import Release
from clients.kubernetes import pods, ready
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.delivery.conftest import REVISION
from proofs.delivery.publisher import Publisher
from proofs.image import Image
from proofs.report import Proof
from proofs.serving import JOB

INFRA = Path(__file__).resolve().parents[2]
SECONDS = 30
# Short, as nothing here measures how a pod leaves.
QUICK: dict[str, object] = {
    "minReadySeconds": 0,
    "shutdown": {"preStopSeconds": 1, "drainSeconds": 1, "timeoutSeconds": 3, "marginSeconds": 1},
    "serviceMonitor.interval": "5s",
    "serviceMonitor.scrapeTimeout": "3s",
}
BROKEN = "b" * 40
BROKEN_PAGE = "{{ this_is_defined_nowhere() }}"


@pytest.fixture(scope="module")
def broken(publisher: Publisher, image: Image) -> Image:
    """A release that starts, answers its probes, and fails whenever somebody wants its page."""
    instructions = ("COPY index.html /app/templates/index.html", f"ENV APP_REVISION={BROKEN}")
    return publisher.build(image, "broken", *instructions, page=BROKEN_PAGE)


def gate(release: Release, *variables: str, revision: str = "") -> subprocess.CompletedProcess[str]:
    """Run the workflow's own step."""
    target = ("make", "--silent", "--old-file=setup", "gate", f"NAMESPACE={release.namespace}", f"SECONDS={SECONDS}")
    environment = {**os.environ, "REVISION": revision}
    return subprocess.run([*target, *variables], cwd=INFRA, env=environment, capture_output=True, text=True)


def running(release: Release) -> set[str]:
    """Return the images of the pods that are ready."""
    return {pod.spec["containers"][0]["image"] for pod in pods(release.namespace) if ready(pod)}


def told(proof: Proof, done: subprocess.CompletedProcess[str]) -> str:
    """Note what the gate came to, and return everything it said."""
    for line in f"{done.stdout}\n{done.stderr}".splitlines():
        if line.startswith("gate: "):
            proof.saw(line)
    return f"{done.stdout}\n{done.stderr}"


def test_good_release(proof: Proof, release: Release, image: Image) -> None:
    """A good release stays."""
    release.upgrade({**QUICK, **image.values})
    done = gate(release, revision=REVISION)
    assert done.returncode == 0, told(proof, done)
    assert "gate: passed" in told(proof, done)


def test_unreachable_prometheus(proof: Proof, release: Release) -> None:
    """Where Prometheus cannot be reached, nobody passes."""
    done = gate(release, "MONITORING_NAMESPACE=default", "ROLLBACK=0", "SECONDS=5")
    assert done.returncode != 0
    assert "no data" in told(proof, done)


def test_errors_behind_good_probes(proof: Proof, release: Release, image: Image, broken: Image) -> None:
    """A release whose probes pass while it serves errors is rolled back."""
    release.upgrade({**QUICK, **broken.values})
    assert running(release) == {f"{broken.repository}@{broken.digest}"}
    proof.saw("helm upgrade was content: every pod is Ready")
    done = gate(release, revision=BROKEN)
    assert done.returncode != 0
    assert "5xx" in told(proof, done).partition("not passed:")[2]
    assert release.history()[-1]["description"].startswith("Rollback to")
    assert running(release) == {f"{image.repository}@{image.digest}"}


def test_release_that_is_not_scraped(proof: Proof, release: Release, image: Image, prometheus: Prometheus) -> None:
    """A release that Prometheus cannot see is rolled back, however well it serves."""
    unseen = {"serviceMonitor.labels": {"release": "nobody"}, "podAnnotations": {"proof": "unseen"}}
    release.upgrade({**QUICK, **image.values, **unseen})

    def complaint() -> str:
        left = prometheus.targets(JOB, release.namespace)
        return f"{len(left)} targets are left" if left else ""

    until(CONFIGURED, "the end of the targets", complaint)
    done = gate(release)
    assert done.returncode != 0, told(proof, done)
    assert "no data" in told(proof, done).partition("not passed:")[2]
    assert release.history()[-1]["description"].startswith("Rollback to")


def test_first_release_that_fails(proof: Proof, release: Release, broken: Image) -> None:
    """A first release that serves errors is taken away: there is nothing to go back to."""
    release.uninstall()
    release.upgrade({**QUICK, **broken.values})
    done = gate(release)
    assert done.returncode != 0
    assert "uninstalled" in told(proof, done)
    assert not pods(release.namespace)
