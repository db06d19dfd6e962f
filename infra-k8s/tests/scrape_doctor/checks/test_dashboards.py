"""Dashboards and policies that may not be read."""

import pytest

from scrape_doctor.chain import walk
from scrape_doctor.finding import State
from tests.scrape_doctor.world import healthy


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [("configmaps", ["dashboards", "dashboard-metrics"]), ("networkpolicies", ["network-policy"])],
)
def test_a_kind_that_may_not_be_read_is_skipped_by_its_links_only(kind: str, left_out: list[str]) -> None:
    world = healthy("umbrella")
    world.objects.pop(kind, None)
    world.forbidden[kind] = "forbidden"
    assert [
        e.link.name for e in walk(world.snapshot()) if "may not be read: forbidden" in e.finding.message
    ] == left_out
    assert {e.finding.state for e in walk(world.snapshot()) if e.link.name in left_out} == {State.SKIPPED}
