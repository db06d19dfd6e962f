"""Pods that are not Ready, by the kubelet's events."""

from tests.scrape_doctor.faults import (
    container,
    first,
    joined,
    unready,
)
from tests.scrape_doctor.world import finding, healthy


def test_an_event_about_a_sidecar_is_not_attributed_to_the_application() -> None:
    world = healthy("umbrella")
    pod = first(world, "pods")
    sidecar = {"name": "proxy", "image": "proxy:1", "readinessProbe": {"httpGet": {"path": "/proxy", "port": 1}}}
    pod["spec"]["containers"].append(sidecar)
    world.probes = ()
    unready(world, {"running": {}})
    pod["status"]["containerStatuses"].append({**container(world), "name": "proxy"})
    where = {"kind": "Pod", "name": pod["metadata"]["name"], "fieldPath": "spec.containers{proxy}"}
    text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    joined(world, "events", {"involvedObject": where, "reason": "Unhealthy", "message": text})
    assert "on /proxy: answers 503" in finding(world, "pods")[1]
