"""The Service: its selector takes pods of the release and its target port is one of theirs."""

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import Object, containers, labels, name, namespace
from scrape_doctor.selectors import unmet


def check(evidence: Evidence) -> Finding:
    """Judge each Service of the release that has a selector; a headless one counts like any other."""
    services = [service for service in evidence.owned("services") if service["spec"].get("selector")]
    if not services:
        return skipped("the release has no Service that selects pods")
    for service in services:
        if (found := judge(evidence, service)) is not None:
            return found
    return ok(", ".join(f"{name(s)} selects {len(evidence.pods_behind(s))} pods" for s in services))


def judge(evidence: Evidence, service: Object) -> Finding | None:
    """Find a Service that selects nothing or sends to a port that no container names."""
    pods = evidence.pods_behind(service)
    if not pods:
        if any(fits(service, workload) for _, workload in evidence.workloads()):
            return None  # the selector is right, and the pods are another link's matter
        return selects_nothing(evidence, service)
    for port in service["spec"].get("ports") or []:
        target = port.get("targetPort", port["port"])
        named = {p.get("name") for pod in pods for c in containers(pod) for p in c.get("ports") or []}
        if isinstance(target, str) and not target.isdigit() and target not in named:
            return broken(
                "service-target-port",
                f"Service {name(service)} sends to container port {target}, which no container of its pods names",
                f"container ports: {', '.join(sorted(filter(None, named))) or 'none named'}",
                fix=f"name the container port {target}, or set the Service's targetPort to one of those",
            )
    return None


def fits(service: Object, workload: Object) -> bool:
    """Tell whether a Service would select the pods that a workload makes."""
    made = workload["spec"]["template"]["metadata"].get("labels") or {}
    return not unmet({"matchLabels": service["spec"]["selector"]}, made)


def selects_nothing(evidence: Evidence, service: Object) -> Finding:
    """Say which label of the nearest pod differs."""
    wanted = {"matchLabels": service["spec"]["selector"]}
    nearest = min(evidence.pods(), key=lambda pod: len(unmet(wanted, labels(pod))), default=None)
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
