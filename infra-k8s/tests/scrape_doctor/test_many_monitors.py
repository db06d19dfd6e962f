"""Many monitors, mostly whole: each broken one is named with its own cause, no whole one is blamed."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from scrape_doctor.chain import walk
from scrape_doctor.examination import Examination
from scrape_doctor.read.snapshot import read
from scrape_doctor.resources.objects import Object, name
from scrape_doctor.scope import Scope
from tests.scrape_doctor.api_server import ApiServer
from tests.scrape_doctor.faults import Fault, drops_all, endpoint, put, scrape, waiting
from tests.scrape_doctor.world import World, healthy

# What can happen to one application without another noticing.
FAULTS: dict[str, Fault] = {
    "monitor-label": put("servicemonitors", "metadata", "labels", value={}),
    "port-name": put("servicemonitors", "spec", "endpoints", 0, "port", value="metricz"),
    "service-target-port": put("services", "spec", "ports", 0, "targetPort", value="web"),
    "target-port": put("servicemonitors", "spec", "endpoints", value=[{"targetPort": 9999}]),
    "service-selects-nothing": put("services", "spec", "selector", value={"app": "nobody"}),
    "monitor-namespace-selector": put("servicemonitors", "spec", "namespaceSelector", value={"matchNames": ["x"]}),
    "monitor-timeout": endpoint(interval="5s", scrapeTimeout="9s"),
    "monitor-relabeling": endpoint(relabelings=[{"action": "keep", "regex": "(a"}]),
    "image-missing": waiting("ErrImagePull", "failed to resolve: engine:3: not found"),
    "scrape-path": scrape("server returned HTTP status 404 Not Found"),
    "scrape-content-type": scrape('received unsupported Content-Type "text/html"'),
    "scrape-timeout": scrape("context deadline exceeded"),
    "target-dropped": drops_all({"action": "keep", "sourceLabels": ["pod"], "regex": "none"}),
}
OF_APPLICATION = ("deployments", "services", "servicemonitors", "pods", "configmaps", "prometheusrules")
MONITORING = ("prometheuses", "nodes")


def application(number: int, fault: Fault | None) -> World:
    """Return one application in a namespace of its own, with a fault or without one."""
    text, world = healthy_application()
    made = replace(world, objects=json.loads(text))
    if fault is not None:
        fault(made)
    return moved(made, f"garage-{number}")


@cache
def healthy_application() -> tuple[str, World]:
    """Return a healthy application's objects as text, as kubectl applied them, and the rest of its cluster."""
    world = healthy("umbrella")
    for thing in (thing for things in world.objects.values() for thing in things):
        thing["metadata"].pop("annotations", None)
    return json.dumps(world.objects), world


def moved(world: World, namespace: str) -> World:
    """Return the application in another namespace, as is what Prometheus reports of it."""

    def move(things: Any) -> Any:
        return json.loads(
            json.dumps(things).replace('"garage"', f'"{namespace}"').replace("/garage/", f"/{namespace}/")
        )

    world.objects = move(world.objects)
    targets, dropped = move(world.prometheus.targets), move(world.prometheus.dropped)
    world.prometheus = replace(world.prometheus, targets=tuple(targets), dropped=tuple(dropped))
    return world


def joined(worlds: Sequence[World]) -> World:
    """Return one cluster with every application and one Prometheus that reports of all of them."""
    cluster = worlds[0]
    objects: dict[str, list[Object]] = {kind: cluster.all(kind) for kind in MONITORING}
    for kind in OF_APPLICATION:
        objects[kind] = [thing for world in worlds for thing in world.all(kind) if not is_prometheus(thing)]
    objects["pods"].append(next(filter(is_prometheus, cluster.all("pods"))))
    objects["namespaces"] = [thing for world in worlds for thing in world.all("namespaces")[:1]]
    cluster.prometheus = replace(
        cluster.prometheus,
        targets=tuple(target for world in worlds for target in world.prometheus.targets),
        dropped=tuple(target for world in worlds for target in world.prometheus.dropped),
        jobs=None,
    )
    cluster.objects = objects
    return cluster


def is_prometheus(thing: Object) -> bool:
    return name(thing) == "prometheus-p-0"


def causes(cluster: World) -> dict[str, str]:
    """Return the cause of each monitor by its namespace, empty for a whole one."""
    snapshots = asyncio.run(read(ApiServer([cluster]).api, [Scope("", "", everywhere=True)], 60))
    examinations = [Examination(snapshot.scope, walk(snapshot)) for snapshot in snapshots]
    monitors = [each for each in examinations if each.scope.target and each.scope.target.kind == "servicemonitor"]
    return {
        f"{each.scope.namespace}/{each.scope.target.name if each.scope.target else ''}": each.diagnosis.finding.cause
        if each.diagnosis
        else ""
        for each in monitors
    }


def test_of_two_hundred_monitors_the_broken_ones_are_named_and_no_other() -> None:
    faults = dict(enumerate(FAULTS))
    expected = {number: faults.get(number // 10, "") if number % 10 == 7 else "" for number in range(200)}
    cluster = joined([application(number, FAULTS.get(cause)) for number, cause in expected.items()])
    assert causes(cluster) == {f"garage-{number}/engine": cause for number, cause in expected.items()}
    assert len(FAULTS) >= 10


def test_a_thousand_monitors_are_examined() -> None:
    cluster = joined([application(number, None) for number in range(100)])
    for monitor in cluster.all("servicemonitors")[:]:
        for number in range(9):
            metadata = {**monitor["metadata"], "name": f"engine-{number}", "labels": {}}
            cluster.all("servicemonitors").append({**monitor, "metadata": metadata})
    found = causes(cluster)
    assert len(found) == 1000
    assert Counter(found.values()) == {"": 100, "monitor-label": 900}
