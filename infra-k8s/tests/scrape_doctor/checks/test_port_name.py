"""Ports that a monitor asks for."""

from copy import deepcopy

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    first,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_service_without_ports_is_no_error() -> None:
    world = healthy("choosy")
    first(world, "services")["spec"].pop("ports")
    assert finding(world, "port-name")[0] in (State.OK, State.BROKEN)


def test_a_port_that_only_another_service_of_the_monitor_has_is_not_missing_here() -> None:
    world = healthy("umbrella")
    other = deepcopy(first(world, "services"))
    other["metadata"] |= {"name": "gearbox", "annotations": {}}
    other["spec"] = {"selector": {"app": "gearbox"}, "ports": [{"name": "oil", "port": 81}]}
    world.all("services").append(other)
    endpoints = first(world, "servicemonitors")["spec"]["endpoints"]
    endpoints.append({"port": "oil"})
    assert finding(world, "port-name")[0] is State.OK
    endpoints[:] = [{"port": "oil"}]  # then nothing of this one is scraped
    assert finding(world, "port-name")[0] is State.BROKEN
    endpoints[:] = [{"port": "metrics"}, {"port": "nobody"}]
    assert finding(world, "port-name")[0] is State.BROKEN


def test_a_port_that_only_other_pods_of_a_podmonitor_have_is_not_missing_here() -> None:
    world = healthy("courier")
    other = deepcopy(first(world, "pods"))
    other["metadata"]["name"] = "other"
    other["metadata"]["labels"]["app"] = "other"
    other["spec"]["containers"][0]["ports"] = [{"name": "oil", "containerPort": 81}]
    monitor = first(world, "podmonitors")["spec"]
    labels = first(world, "pods")["metadata"]["labels"]
    other["metadata"]["labels"] = {**labels, "kind": "other"}
    workload = first(world, "daemonsets")["spec"]["selector"]
    workload["matchExpressions"] = [{"key": "kind", "operator": "DoesNotExist"}]
    world.all("pods").append(other)
    monitor["podMetricsEndpoints"].append({"port": "oil"})
    assert finding(world, "port-name")[0] is State.OK
    monitor["podMetricsEndpoints"].append({"port": "nobody"})
    assert finding(world, "port-name")[0] is State.BROKEN
