"""What Prometheus' account may list."""

from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.finding import State
from tests.scrape_doctor.world import finding, healthy


def test_a_podmonitor_needs_no_right_to_services() -> None:
    world = healthy("courier")
    world.denied = ("services", "endpointslices")
    assert diagnosis(walk(world.snapshot())) is None
    world.denied = ("pods", "services")
    assert finding(world, "discovery")[0] is State.BROKEN
