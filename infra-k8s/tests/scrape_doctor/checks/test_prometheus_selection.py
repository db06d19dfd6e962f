"""Which Prometheus selects the monitor."""

from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    joined,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_selection_by_labels_of_an_unreadable_namespace_is_skipped() -> None:
    world = healthy("choosy")
    world.objects.pop("namespaces")
    assert finding(world, "prometheus-selection")[0] is State.SKIPPED


def test_of_two_prometheus_objects_the_one_that_selects_the_monitor_counts() -> None:
    world = healthy("umbrella")
    other = {
        "kind": "Prometheus",
        "metadata": {"name": "q", "namespace": "prom-system", "labels": {"release": "prom"}},
        "spec": {},
    }
    joined(world, "prometheuses", other)
    assert diagnosis(walk(world.snapshot())) is None
