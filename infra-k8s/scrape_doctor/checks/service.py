"""The Service: its selector selects pods, and its target port is one of theirs."""

import difflib

from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.resources import prober
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.pods import port_names
from scrape_doctor.resources.selectors import unmet
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check each Service of the subject that has a selector; a headless one counts like any other."""
    target = snapshot.subject.target
    if target is not None and target["kind"] == "Probe" and not snapshot.subject.services:
        return without_prober(snapshot, target)
    services = [service for service in snapshot.subject.services if service["spec"].get("selector")]
    if not services:
        return skipped(f"{snapshot.scope.title} has no Service that selects pods")
    for service in services:
        if (found := check_one(snapshot, service)) is not None:
            return found
    return ok(", ".join(f"{name(s)} selects {len(snapshot.cluster.pods_behind(s))} pods" for s in services))


def without_prober(snapshot: Snapshot, probe: Object) -> Finding:
    """Return that no Service has the name of a Probe's prober, or that the prober is outside the cluster."""
    host, _ = prober.address(probe)
    if snapshot.scope.manifests or not prober.is_cluster_name(host):
        return skipped(f"its prober {host or '(none)'} is elsewhere")
    others = {name(service): namespace(service) for service in snapshot.cluster.all("services")}
    near = difflib.get_close_matches(host.split(".")[0], others, n=1)
    place = f"{near[0]}.{others[near[0]]}.svc:9115" if near else "<service>.<namespace>.svc:9115"
    patch = f'{{"spec":{{"prober":{{"url":"{place}"}}}}}}'
    return broken(
        "prober-missing",
        f"Probe {name(probe)} asks the prober {host}, and there is no such Service",
        *([f"the nearest Service is {others[near[0]]}/{near[0]}"] if near else []),
        fix=f"install the prober (prometheus-blackbox-exporter), or: kubectl -n {namespace(probe)} patch probe "
        f"{name(probe)} --type=merge -p '{patch}'",
        about=probe,
    )


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
                about=service,
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
        about=service,
    )
