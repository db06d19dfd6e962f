"""Dashboards that may not be read."""

from scrape_doctor.chain import walk
from scrape_doctor.finding import State
from tests.scrape_doctor.world import healthy


def test_configmaps_that_may_not_be_listed_leave_the_dashboards_unchecked_alone() -> None:
    world = healthy("umbrella")
    world.objects.pop("configmaps", None)
    world.forbidden["configmaps"] = "forbidden"
    undecided = {e.link.name: e.finding for e in walk(world.snapshot()) if e.finding.state is State.NOT_CHECKED}
    assert undecided.keys() == {"dashboards", "dashboard-metrics"}
    assert undecided["dashboards"].right == "list configmaps in namespace garage"
