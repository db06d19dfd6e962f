"""What can go wrong with a healthy release: each fault changes the evidence as the cluster would."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scrape_doctor.evidence import Answer, Evidence, ProbeAnswer
from scrape_doctor.objects import Object

Fault = Callable[[Evidence], object]


def first(evidence: Evidence, kind: str) -> Object:
    return evidence.all(kind)[0]


def container(evidence: Evidence) -> Any:
    return first(evidence, "pods")["status"]["containerStatuses"][0]


def unready(evidence: Evidence, state: Object, **more: object) -> None:
    container(evidence).update({"ready": False, "state": state, **more})
    first(evidence, "pods")["status"]["conditions"][1]["status"] = "False"


def waiting(reason: str, message: str) -> Fault:
    return lambda e: unready(e, {"waiting": {"reason": reason, "message": message}}, imageID="")


def probe(status: int, *others: str, kind: str = "liveness", ready: bool = True) -> Fault:
    def fault(evidence: Evidence) -> None:
        pod = first(evidence, "pods")
        asked = ProbeAnswer(pod["metadata"]["name"], container(evidence)["name"], kind, "/x", 1, Answer(status), others)
        evidence.probes = (asked,)
        if not ready:
            unready(evidence, {"running": {}})

    return fault


def event(kind: str, name: str, reason: str, message: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        thing = {"involvedObject": {"kind": kind, "name": name}, "reason": reason, "message": message}
        evidence.objects.setdefault("events", []).append(thing)

    return fault


def scrape(error: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        down = {**evidence.prometheus.targets[0], "health": "down", "lastError": error}
        evidence.prometheus = replace(evidence.prometheus, targets=(down, *evidence.prometheus.targets[1:]))

    return fault


def put(kind: str, *path: str | int, value: object) -> Fault:
    """Set one field of the first object of a kind, as `kubectl edit` would."""

    def fault(evidence: Evidence) -> None:
        thing: Any = first(evidence, kind)
        for step in path[:-1]:
            thing = thing[step]
        thing[path[-1]] = value

    return fault


def both(*faults: Fault) -> Fault:
    def fault(evidence: Evidence) -> None:
        for each in faults:
            each(evidence)

    return fault


def own_pods_gone(evidence: Evidence) -> None:
    gone = evidence.pods()
    evidence.objects["pods"] = [pod for pod in evidence.all("pods") if pod not in gone]


def reported(**changes: Any) -> Fault:
    def fault(evidence: Evidence) -> None:
        evidence.prometheus = replace(evidence.prometheus, **changes)

    return fault


def reported_as(health: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        targets = tuple({**target, "health": health} for target in evidence.prometheus.targets)
        evidence.prometheus = replace(evidence.prometheus, targets=targets)

    return fault


def unanswered(reason: str) -> Fault:
    """Let a running pod that is not Ready leave its readiness probe unanswered."""

    def fault(evidence: Evidence) -> None:
        pod = first(evidence, "pods")
        answer = Answer(0, reason)
        evidence.probes = (
            ProbeAnswer(pod["metadata"]["name"], container(evidence)["name"], "readiness", "/x", 1, answer),
        )
        unready(evidence, {"running": {}})

    return fault


def drop_a_target(evidence: Evidence) -> None:
    evidence.prometheus = replace(evidence.prometheus, targets=evidence.prometheus.targets[1:])


def fail_a_rule(evidence: Evidence) -> None:
    evidence.prometheus.groups[0]["rules"][0].update(health="err", lastError="many-to-many matching not allowed")


def fire(evidence: Evidence, labels: dict[str, str]) -> None:
    """Let the release's own alert fire with some labels."""
    alert = {"state": "firing", "labels": {"alertname": "EngineStalls", "severity": "warning", **labels}}
    alert["annotations"] = {"summary": "the engine stalls"}
    evidence.prometheus.groups[0]["rules"][0]["alerts"] = [alert]


def grafana_pod(evidence: Evidence, looks_into: str) -> Object:
    """Return a Grafana with a sidecar that looks for dashboards in one namespace."""
    env = [{"name": "LABEL", "value": "grafana_dashboard"}, {"name": "NAMESPACE", "value": looks_into}]
    return {
        "kind": "Pod",
        "metadata": {"name": "grafana-0", "namespace": evidence.names.monitoring_namespace},
        "spec": {"containers": [{"name": "grafana-sc-dashboard", "env": env}]},
        "status": {"phase": "Running"},
    }


def joined(evidence: Evidence, kind: str, thing: Object) -> None:
    evidence.objects.setdefault(kind, []).append(thing)


NO_TARGETS = reported(targets=())
