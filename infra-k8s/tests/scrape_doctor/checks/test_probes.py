"""Probes whose answers prove nothing."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    probe,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_ready_pod_that_only_the_kubelet_reaches_breaks_nothing() -> None:
    world = healthy("umbrella")
    probe(0)(world)
    assert finding(world, "probes")[0] is State.OK
