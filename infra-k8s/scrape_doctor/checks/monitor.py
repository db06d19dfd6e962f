"""The monitor: a ServiceMonitor or PodMonitor asks Prometheus to scrape the subject."""

from collections.abc import Iterator

from scrape_doctor import fixes
from scrape_doctor.finding import Finding, broken, needs, ok
from scrape_doctor.resources.monitors import MONITORS
from scrape_doctor.resources.objects import annotations, labels, name, namespace
from scrape_doctor.resources.selectors import as_text, unmet
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Look for ServiceMonitors and PodMonitors that belong to the subject or were made for it."""
    monitors = snapshot.subject.monitors
    if monitors:
        return ok(", ".join(f"{m.get('kind', 'monitor')} {namespace(m)}/{name(m)}" for m in monitors))
    refused = [
        kind
        for kind in (*MONITORS, "services", "pods")
        if snapshot.cluster.may_not_list(kind, snapshot.scope.namespace)
    ]
    if refused:
        return needs(f"list {', '.join(refused)} in namespace {snapshot.scope.namespace}")
    if "servicemonitors" in snapshot.cluster.not_served:
        return broken(
            "monitor-kind-missing",
            "the cluster knows no ServiceMonitor",
            snapshot.cluster.not_served["servicemonitors"],
            fix="install kube-prometheus-stack first, then upgrade the release"
            if snapshot.scope.is_release
            else "install kube-prometheus-stack first, then apply a ServiceMonitor",
        )
    if not snapshot.scope.is_release:
        return broken(
            "monitor-missing",
            f"no ServiceMonitor or PodMonitor selects the Services or pods of {snapshot.scope.title}",
            *unmatched_monitors(snapshot),
            fix=add_monitor(snapshot),
        )
    switch = fixes.value_path_ending(snapshot, "serviceMonitor.enabled") or "serviceMonitor.enabled"
    return broken(
        "monitor-missing",
        "no ServiceMonitor or PodMonitor belongs to the release or selects its Services or pods",
        *unmatched_monitors(snapshot),
        fix=fixes.set_value(snapshot, f"{switch}=true", ""),
    )


def unmatched_monitors(snapshot: Snapshot) -> Iterator[str]:
    """Describe the monitors in the namespace: one of them may be intended for the subject.

    A release's monitors are known, so that only those count that Helm did not make.
    """
    for monitor in snapshot.cluster.all("servicemonitors") + snapshot.cluster.all("podmonitors"):
        made_by_helm = "meta.helm.sh/release-name" in annotations(monitor)
        if namespace(monitor) == snapshot.scope.namespace and not (made_by_helm and snapshot.scope.is_release):
            selector = monitor["spec"]["selector"]
            candidates = snapshot.subject.candidates(monitor)
            lacks = min((unmet(selector, labels(thing)) for thing in candidates), key=len, default=[])
            missing = f"; the nearest here lacks {', '.join(lacks)}" if lacks else ""
            yield f"{monitor['kind']} {name(monitor)} selects {as_text(selector)}{missing}"


def add_monitor(snapshot: Snapshot) -> str:
    """Return what a monitor of the subject would have to select."""
    for kind, things in (("ServiceMonitor", snapshot.subject.services), ("PodMonitor", snapshot.subject.pods)):
        for thing in things:
            if labels(thing):
                wanted = ", ".join(f"{key}: {value}" for key, value in sorted(labels(thing).items())[:1])
                return f"apply a {kind} in namespace {namespace(thing)} with spec.selector.matchLabels {{{wanted}}}"
    return "label the pods, then apply a PodMonitor that selects them"
