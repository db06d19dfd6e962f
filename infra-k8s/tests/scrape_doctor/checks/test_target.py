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


def test_an_endpoint_that_keeps_nothing_is_named_beside_one_that_is_scraped() -> None:
    world = healthy("ledger")
    step = {"action": "keep", "sourceLabels": ["__meta_kubernetes_pod_name"], "regex": "none"}
    endpoints = first(world, "servicemonitors")["spec"]["endpoints"]
    endpoints.append({**endpoints[0], "relabelings": [step]})
    pool = f"{world.prometheus.targets[0]['scrapePool'].removesuffix('0')}1"
    pods = [pod["metadata"]["name"] for pod in world.pods()]
    found = [{"scrapePool": pool, "discoveredLabels": {"__meta_kubernetes_pod_name": pod}} for pod in ("other", *pods)]
    reported(dropped=tuple(found))(world)
    state, message = finding(world, "target")
    assert state is State.BROKEN
    assert message == (
        "ServiceMonitor observability/ledger drops every target by a relabeling: "
        "keep 'none' of __meta_kubernetes_pod_name"
    )


def test_an_endpoint_without_a_target_is_named_beside_one_that_is_scraped() -> None:
    world = healthy("ledger")
    endpoints = first(world, "servicemonitors")["spec"]["endpoints"]
    endpoints.append({**endpoints[0], "path": "/other"})
    state, message = finding(world, "target")
    assert state is State.BROKEN
    assert message.endswith("Prometheus has no target of endpoint 1 of ServiceMonitor ledger")
