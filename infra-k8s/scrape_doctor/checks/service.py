"""The Service: its selector selects pods, and its target port is one of theirs."""

from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.pods import port_names
from scrape_doctor.resources.selectors import unmet
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check each Service of the subject that has a selector; a headless one counts like any other."""
    services = [service for service in snapshot.subject.services if service["spec"].get("selector")]
    if not services:
        return skipped(f"{snapshot.scope.title} has no Service that selects pods")
    for service in services:
        if (found := check_one(snapshot, service)) is not None:
            return found
    return ok(", ".join(f"{name(s)} selects {len(snapshot.cluster.pods_behind(s))} pods" for s in services))


def check_one(snapshot: Snapshot, service: Object) -> Finding | None:
    """Find a Service that selects nothing or sends to a port that no container names."""
    pods = snapshot.cluster.pods_behind(service)
    if not pods:
        if any(selects_pods_of(service, workload) for workload in snapshot.subject.workloads):
            return None  # the selector is right, the missing pods are another link's finding
        if snapshot.scope.manifests and not snapshot.subject.workloads:
            return None  # its pods may come from elsewhere
        return selects_nothing(snapshot, service)
    named = {port for pod in pods for port in port_names(pod)}
    for port in service["spec"].get("ports") or []:
        target = port.get("targetPort", port["port"])
        if isinstance(target, str) and not target.isdigit() and target not in named:
            return broken(
                "service-target-port",
                f"Service {name(service)} sends to container port {target}, which no container of its pods names",
                f"container ports: {', '.join(sorted(filter(None, named))) or 'none named'}",
                fix=f"name the container port {target}, or set the Service's targetPort to one of those",
            )
    return None


def selects_pods_of(service: Object, workload: Object) -> bool:
    """Tell whether a Service would select the pods that a workload creates."""
    made = workload["spec"]["template"]["metadata"].get("labels") or {}
    return not unmet({"matchLabels": service["spec"]["selector"]}, made)


def selects_nothing(snapshot: Snapshot, service: Object) -> Finding:
    """Name the label that differs on the most similar pod."""
    wanted = {"matchLabels": service["spec"]["selector"]}
    nearest = min(snapshot.subject.pods, key=lambda pod: len(unmet(wanted, labels(pod))), default=None)
    lacks = unmet(wanted, labels(nearest)) if nearest else []
    keys = [requirement.split("=")[0] for requirement in lacks]
    has = (
        [f"{key}={labels(nearest)[key]}" if key in labels(nearest) else f"no {key}" for key in keys] if nearest else []
    )
    return broken(
        "service-selects-nothing",
        f"Service {name(service)} selects no pod: it wants {', '.join(lacks) or 'pods that are not there'}",
        *([f"pod {name(nearest)} has {', '.join(has)}"] if nearest else []),
        fix=f"kubectl -n {namespace(service)} edit service {name(service)}: "
        f"make spec.selector equal to the pods' labels ({', '.join(keys)})",
    )
