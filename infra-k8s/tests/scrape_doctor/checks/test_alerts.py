"""Alerts that concern the subject and alerts that do not."""

import pytest

from scrape_doctor.chain import diagnosis, walk
from tests.scrape_doctor.faults import (
    fire,
    reported,
)
from tests.scrape_doctor.world import healthy


def test_an_alert_about_a_deleted_pod_does_not_count() -> None:
    world = healthy("umbrella")
    fire(world, {"pod": "car-engine-gone"})
    assert diagnosis(walk(world.snapshot())) is None


@pytest.mark.parametrize(
    ("labels", "ours"),
    [
        ({"pod": "car-engine-0"}, True),
        ({"deployment": "car-engine"}, True),
        ({"job": "umbrella"}, True),
        ({"pod": "somebody-else-0"}, False),
        ({"deployment": "somebody-else"}, False),
        ({}, False),
    ],
)
def test_a_foreign_alert_counts_only_if_it_is_about_the_release(labels: dict[str, str], ours: bool) -> None:
    world = healthy("umbrella")
    fire(world, {"namespace": "garage", **labels})
    group = {**world.prometheus.groups[0], "file": "/etc/prometheus/rules/x/monitoring-stack-1.yaml", "name": "k8s"}
    reported(groups=(group, *healthy("umbrella").prometheus.groups))(world)
    found = diagnosis(walk(world.snapshot()))
    assert (found is not None and found.finding.cause == "alert-firing") is ours
