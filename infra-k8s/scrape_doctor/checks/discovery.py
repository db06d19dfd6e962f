"""The rights: Prometheus' own account may look up Services, endpoints and pods where the release is."""

from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources.objects import name
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check what the API server says that the account may list."""
    if monitors_are_static(snapshot):
        return skipped("a Probe's own addresses need no discovery")
    if snapshot.denied is None and snapshot.targets():
        return ok("Prometheus finds targets there")
    if snapshot.denied is None:
        return needs("create subjectaccessreviews, by which the rights of Prometheus' account are asked for")
    # A PodMonitor's targets are looked up as pods alone.
    by_service = any(monitor["kind"] == "ServiceMonitor" for monitor in snapshot.subject.monitors)
    denied = [resource for resource in snapshot.denied if by_service or resource == "pods"]
    if not denied:
        return ok(f"its account may list pods{', Services and endpoints' * by_service} there")
    namespace, account = snapshot.scope.namespace, snapshot.monitoring.account
    watcher = snapshot.monitoring.watchers[0]
    return broken(
        "prometheus-rights",
        f"{watcher['kind']} {name(watcher)} may not list {', '.join(denied)} "
        f"in namespace {namespace}, and so finds no target there",
        f"its account is {account}",
        fix=f"kubectl -n {namespace} create rolebinding prometheus --clusterrole=view --serviceaccount={account}",
    )


def monitors_are_static(snapshot: Snapshot) -> bool:
    """Tell whether nothing has to be looked up for the monitors."""
    return all(monitor["kind"] == "Probe" for monitor in snapshot.subject.monitors)
