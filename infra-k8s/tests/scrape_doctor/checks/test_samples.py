"""Links without an answer are skipped, not ok."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    reported,
)
from tests.scrape_doctor.world import finding, healthy


def test_without_answers_a_link_is_skipped_not_ok() -> None:
    world = healthy("umbrella")
    world.probes = ()
    reported(samples={})(world)
    assert finding(world, "probes") == (State.SKIPPED, "no probe asks over HTTP")
    assert finding(world, "samples")[0] is State.SKIPPED
