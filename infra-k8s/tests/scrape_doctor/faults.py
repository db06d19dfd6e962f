"""What can go wrong with a healthy release: each fault changes the world as a cluster would."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scrape_doctor.resources.objects import Object
from scrape_doctor.snapshot import HttpAnswer, ProbeAnswer
from tests.scrape_doctor.world import World

Fault = Callable[[World], object]


def first(world: World, kind: str) -> Object:
    return world.all(kind)[0]


def container(world: World) -> Any:
    return first(world, "pods")["status"]["containerStatuses"][0]


def unready(world: World, state: Object, **more: object) -> None:
    container(world).update({"ready": False, "state": state, **more})
    first(world, "pods")["status"]["conditions"][1]["status"] = "False"


def waiting(reason: str, message: str) -> Fault:
    return lambda e: unready(e, {"waiting": {"reason": reason, "message": message}}, imageID="")


def probe(status: int, *others: str, kind: str = "liveness", ready: bool = True) -> Fault:
    def fault(world: World) -> None:
        pod = first(world, "pods")
        asked = ProbeAnswer(
            pod["metadata"]["name"], container(world)["name"], kind, "/x", 1, HttpAnswer(status), others
        )
        world.probes = (asked,)
        if not ready:
            unready(world, {"running": {}})

    return fault


def event(kind: str, name: str, reason: str, message: str) -> Fault:
    def fault(world: World) -> None:
        thing = {"involvedObject": {"kind": kind, "name": name}, "reason": reason, "message": message}
        world.objects.setdefault("events", []).append(thing)

    return fault


def scrape(error: str) -> Fault:
    def fault(world: World) -> None:
        down = {**world.prometheus.targets[0], "health": "down", "lastError": error}
        world.prometheus = replace(world.prometheus, targets=(down, *world.prometheus.targets[1:]))

    return fault


def put(kind: str, *path: str | int, value: object) -> Fault:
    """Set one field of the first object of a kind, as `kubectl edit` would."""

    def fault(world: World) -> None:
        thing: Any = first(world, kind)
        for step in path[:-1]:
            thing = thing[step]
        thing[path[-1]] = value

    return fault


def endpoint(**fields: object) -> Fault:
    """Set fields of the first endpoint of the first ServiceMonitor."""
    return lambda world: first(world, "servicemonitors")["spec"]["endpoints"][0].update(fields)


def as_manifests(world: World) -> None:
    """Let the release be examined by its manifests alone."""
    world.scope = replace(world.scope, manifests=True)


def both(*faults: Fault) -> Fault:
    def fault(world: World) -> None:
        for each in faults:
            each(world)

    return fault


def own_pods_gone(world: World) -> None:
    gone = world.pods()
    world.objects["pods"] = [pod for pod in world.all("pods") if pod not in gone]


def reported(**changes: Any) -> Fault:
    def fault(world: World) -> None:
        world.prometheus = replace(world.prometheus, **changes)

    return fault


def reported_as(health: str) -> Fault:
    def fault(world: World) -> None:
        targets = tuple({**target, "health": health} for target in world.prometheus.targets)
        world.prometheus = replace(world.prometheus, targets=targets)

    return fault


def unanswered(reason: str) -> Fault:
    """Let a running pod that is not Ready leave its readiness probe unanswered."""

    def fault(world: World) -> None:
        pod = first(world, "pods")
        answer = HttpAnswer(0, reason)
        world.probes = (ProbeAnswer(pod["metadata"]["name"], container(world)["name"], "readiness", "/x", 1, answer),)
        unready(world, {"running": {}})

    return fault


def drop_a_target(world: World) -> None:
    world.prometheus = replace(world.prometheus, targets=world.prometheus.targets[1:])


def drops_all(step: Object) -> Fault:
    """Let the first ServiceMonitor drop every target by a relabeling, as Prometheus reports it."""

    def fault(world: World) -> None:
        first(world, "servicemonitors")["spec"]["endpoints"][0]["relabelings"] = [step]
        dropped = tuple(
            {
                "scrapePool": target["scrapePool"],
                "discoveredLabels": {"__meta_kubernetes_pod_name": target["labels"]["pod"]},
            }
            for target in world.prometheus.targets
        )
        world.prometheus = replace(world.prometheus, targets=(), dropped=dropped)

    return fault


def fail_a_rule(world: World) -> None:
    world.prometheus.groups[0]["rules"][0].update(health="err", lastError="many-to-many matching not allowed")


def fire(world: World, labels: dict[str, str]) -> None:
    """Let the release's own alert fire with some labels."""
    alert = {"state": "firing", "labels": {"alertname": "EngineStalls", "severity": "warning", **labels}}
    alert["annotations"] = {"summary": "the engine stalls"}
    world.prometheus.groups[0]["rules"][0]["alerts"] = [alert]


def grafana_pod(world: World, looks_into: str) -> Object:
    """Return a Grafana with a sidecar that looks for dashboards in one namespace."""
    env = [{"name": "LABEL", "value": "grafana_dashboard"}, {"name": "NAMESPACE", "value": looks_into}]
    return {
        "kind": "Pod",
        "metadata": {"name": "grafana-0", "namespace": world.scope.monitoring_namespace},
        "spec": {"containers": [{"name": "grafana-sc-dashboard", "env": env}]},
        "status": {"phase": "Running"},
    }


def joined(world: World, kind: str, thing: Object) -> None:
    world.objects.setdefault(kind, []).append(thing)


NO_TARGETS = reported(targets=())
