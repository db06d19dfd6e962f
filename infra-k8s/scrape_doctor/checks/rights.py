"""What we may read: a link is not checked where objects that it is about may not be listed."""

from scrape_doctor.resources.pods import WORKLOADS
from scrape_doctor.snapshot import Snapshot

# The kinds, in the target's namespace, without which a link would be misjudged.
READS = {
    "image": ("pods",),
    "pods": ("pods",),
    "service": ("services", "pods"),
    "port-name": ("services", "pods"),
    "monitor-selection": ("services", "pods"),
    "network-policy": ("pods",),
    "target": ("services", "pods"),
}


def missing(snapshot: Snapshot, link: str) -> str:
    """Return the right that is missing to check a link, empty if none is."""
    cluster, place = snapshot.cluster, snapshot.scope.namespace
    monitors = snapshot.subject.monitors
    # A PodMonitor leads to the pods without a Service.
    unneeded = {"services"} if monitors and all(monitor["kind"] == "PodMonitor" for monitor in monitors) else set()
    kinds = [kind for kind in READS.get(link, ()) if kind not in unneeded and cluster.may_not_list(kind, place)]
    if link == "pods" and not snapshot.subject.pods and not snapshot.subject.workloads:
        kinds += [kind for kind in WORKLOADS if cluster.may_not_list(kind, place)]
    return f"list {', '.join(kinds)} in namespace {place}" if kinds else ""
