"""What was not asked is not called good."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    reported,
)
from tests.scrape_doctor.world import finding, healthy


def test_what_was_not_asked_is_not_called_good() -> None:
    world = healthy("umbrella")
    world.probes = ()
    reported(samples={})(world)
    assert finding(world, "probes") == (State.SKIPPED, "no probe asks over HTTP")
    assert finding(world, "samples")[0] is State.SKIPPED
