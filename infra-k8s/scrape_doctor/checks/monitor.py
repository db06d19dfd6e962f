"""The monitor: a ServiceMonitor or PodMonitor asks Prometheus to scrape the subject."""

from collections.abc import Iterator

from scrape_doctor import fixes
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources.objects import annotations, labels, name, namespace
from scrape_doctor.resources.selectors import as_text, unmet
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Look for ServiceMonitors and PodMonitors that belong to the subject or were made for it."""
    monitors = snapshot.subject.monitors
    if monitors:
        return ok(", ".join(f"{m.get('kind', 'monitor')} {namespace(m)}/{name(m)}" for m in monitors))
    if "servicemonitors" in snapshot.cluster.not_served:
        return broken(
            "monitor-kind-missing",
            "the cluster knows no ServiceMonitor",
            snapshot.cluster.not_served["servicemonitors"],
            fix="install kube-prometheus-stack first, then upgrade the release",
        )
    switch = fixes.value_path_ending(snapshot, "serviceMonitor.enabled") or "serviceMonitor.enabled"
    return broken(
        "monitor-missing",
        "no ServiceMonitor or PodMonitor belongs to the release or selects its Services or pods",
        *unmatched_monitors(snapshot),
        fix=fixes.upgrade(snapshot, f"{switch}=true"),
    )


def unmatched_monitors(snapshot: Snapshot) -> Iterator[str]:
    """Describe the monitors in the namespace that Helm did not make: one of them may be intended for the subject."""
    for monitor in snapshot.cluster.all("servicemonitors") + snapshot.cluster.all("podmonitors"):
        made_by_helm = "meta.helm.sh/release-name" in annotations(monitor)
        if namespace(monitor) == snapshot.scope.namespace and not made_by_helm:
            selector = monitor["spec"]["selector"]
            candidates = snapshot.subject.candidates(monitor)
            lacks = min((unmet(selector, labels(thing)) for thing in candidates), key=len, default=[])
            missing = f"; the nearest here lacks {', '.join(lacks)}" if lacks else ""
            yield f"{monitor['kind']} {name(monitor)} selects {as_text(selector)}{missing}"
