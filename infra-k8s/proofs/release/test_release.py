"""One image, before anything is deployed with it: what would go wrong in its environment goes wrong here.

The tests build on each other in the order of this file.
"""

from typing import Any

from clients.helm import Release
from clients.kubernetes import pods, ready
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import Image
from proofs.report import Proof
from proofs.serving import REPLICAS, all_up, lossless, rolled_back, steady
from release.rollback import back
from scrape_doctor.__main__ import examine
from scrape_doctor.chain import diagnosis
from scrape_doctor.evidence import Names
from scrape_doctor.snapshot import CannotExamine

RATE = 50  # requests per second: what a runner of two CPUs carries beside everything else


def test_install(proof: Proof, release: Release, values: dict[str, Any]) -> None:
    """The release installs where the restricted Pod Security Standard is enforced."""
    release.upgrade(values)
    running = [pod for pod in pods(release.namespace) if ready(pod)]
    proof.saw(f"{len(running)} pods Ready")
    assert len(running) == REPLICAS


def test_helm_test(proof: Proof, release: Release) -> None:
    """The chart's own test passes."""
    log = release.test()
    proof.saw(f"{sum(line.startswith('ok') for line in log.splitlines())} checks ok")
    assert "ok   metrics tell the build" in log


def test_up(proof: Proof, prometheus: Prometheus, release: Release) -> None:
    """Prometheus reports every replica up."""
    proof.saw(f"up == 1 for {', '.join(all_up(prometheus, release.namespace))}")


def test_doctor(proof: Proof, release: Release) -> None:
    """The doctor finds every link of the chain whole."""
    whole: list[str] = []

    def complaint() -> str:
        try:
            examined = examine(Names(release.name, release.namespace, "monitoring", "monitoring"))
        except CannotExamine as cannot:
            return str(cannot)
        whole[:] = [each.link.name for each in examined]
        broken = diagnosis(examined)
        return f"{broken.link.name}: {broken.finding.message} {broken.finding.observations}" if broken else ""

    until(CONFIGURED, "a whole chain", complaint)
    proof.saw(f"{len(whole)} links looked at")


def test_upgrade_and_rollback(proof: Proof, release: Release, image: Image, values: dict[str, Any]) -> None:
    """An upgrade and the way back, under steady load, lose no request."""
    load = steady(release.namespace, "upgrade", image, 120, RATE)
    release.upgrade({**values, "podAnnotations.proof": "upgrade"})
    proof.saw(back(release))
    assert load.running(), "the load was over before the rollback: it proves nothing"
    lossless(proof, load.report(180))


def test_broken_release(proof: Proof, release: Release, image: Image, values: dict[str, Any]) -> None:
    """A release that never becomes ready is rolled back, and no request is lost."""
    rolled_back(proof, release, image, {**values, "probes.readiness.path": "/never"}, "broken", RATE)
