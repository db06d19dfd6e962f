"""Which monitors are the subject's."""

import pytest

from scrape_doctor.chain import diagnosis, walk
from tests.scrape_doctor.faults import (
    first,
    put,
)
from tests.scrape_doctor.world import healthy


@pytest.mark.parametrize(("kind", "chart"), [("servicemonitors", "umbrella"), ("podmonitors", "courier")])
def test_a_monitor_applied_by_hand_belongs_to_the_release_that_it_selects(kind: str, chart: str) -> None:
    world = healthy(chart)
    first(world, kind)["metadata"]["annotations"] = {}
    assert diagnosis(walk(world.snapshot())) is None


def test_a_monitor_that_selects_everything_belongs_to_no_release() -> None:
    world = healthy("courier")
    first(world, "podmonitors")["metadata"]["annotations"] = {}
    put("podmonitors", "spec", "selector", value={"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]})(
        world
    )
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.cause == "monitor-missing"
    assert found.finding.observations == ("PodMonitor courier selects !x",)
