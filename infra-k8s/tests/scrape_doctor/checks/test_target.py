"""Targets as Prometheus reports them."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    drop_a_target,
    first,
    reported,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_target_is_matched_by_its_discovered_pod_not_its_label() -> None:
    world = healthy("ledger")
    rewritten = [
        {
            **each,
            "labels": {**each["labels"], "pod": "db"},
            "discoveredLabels": {"__meta_kubernetes_pod_name": each["labels"]["pod"]},
        }
        for each in world.prometheus.targets
    ]
    reported(targets=tuple(rewritten))(world)
    assert finding(world, "target") == (State.OK, "3 of 3 up")


def test_a_monitor_that_drops_pods_by_relabeling_needs_no_target_for_each() -> None:
    world = healthy("ledger")
    drop_a_target(world)
    first(world, "servicemonitors")["spec"]["endpoints"][0]["relabelings"] = [{"action": "drop"}]
    assert finding(world, "target") == (State.OK, "2 of 2 up")
