"""Prove one published image with the values of its environment, before it is deployed there.

The tests build on each other in the order of this file.
"""

from typing import Any

from clients.helm import Release
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import Image
from proofs.recording import Proof
from proofs.release_checks import (
    check_helm_test,
    check_installation,
    check_no_loss,
    check_rollback,
    check_targets,
    end_load,
    start_load,
)
from release.rollback import roll_back
from scrape_doctor.chain import diagnosis, unsettled
from scrape_doctor.errors import CannotExamine
from scrape_doctor.examination import examine
from scrape_doctor.scope import Scope

RATE = 50  # requests per second: what a runner of two CPUs carries beside everything else


def test_install(proof: Proof, release: Release, values: dict[str, Any]) -> None:
    """The release installs where the restricted Pod Security Standard is enforced."""
    check_installation(proof, release, values)


def test_helm_test(proof: Proof, release: Release) -> None:
    """The chart's own test passes."""
    check_helm_test(proof, release)


def test_up(proof: Proof, prometheus: Prometheus, release: Release) -> None:
    """Prometheus reports every replica up."""
    check_targets(proof, prometheus, release.namespace)


def test_doctor(proof: Proof, release: Release) -> None:
    """The doctor finds no broken link."""
    links: list[str] = []

    def complaint() -> str:
        try:
            examined = examine(Scope(release.name, release.namespace, "monitoring", "monitoring"))
        except CannotExamine as cannot:
            return str(cannot)
        links[:] = [each.link.name for each in examined]
        broken = diagnosis(examined)
        if broken is None:
            return "; ".join(each.finding.message for each in unsettled(examined))
        return f"{broken.link.name}: {broken.finding.message} {broken.finding.observations}"

    until(CONFIGURED, "a chain without a broken link", complaint)
    proof.note(f"{len(links)} links checked")


def test_upgrade_and_rollback(proof: Proof, release: Release, image: Image, values: dict[str, Any]) -> None:
    """An upgrade and its rollback under steady load lose no request."""
    load = start_load(release.namespace, "upgrade", image, RATE)
    release.upgrade({**values, "podAnnotations.proof": "upgrade"})
    proof.note(roll_back(release))
    check_no_loss(proof, end_load(load, release.namespace))


def test_broken_release(proof: Proof, release: Release, image: Image, values: dict[str, Any]) -> None:
    """A release that never becomes ready is rolled back, and no request is lost."""
    check_rollback(proof, release, image, {**values, "probes.readiness.path": "/never"}, "broken", RATE)
