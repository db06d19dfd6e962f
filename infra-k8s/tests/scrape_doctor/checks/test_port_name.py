"""Ports that a monitor asks for."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    first,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_service_without_ports_is_no_error() -> None:
    world = healthy("choosy")
    first(world, "services")["spec"].pop("ports")
    assert finding(world, "port-name")[0] in (State.OK, State.BROKEN)
