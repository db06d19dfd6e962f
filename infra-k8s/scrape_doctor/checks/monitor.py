"""The monitor: somebody asks Prometheus to scrape the release at all."""

from collections.abc import Iterator

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import labels, name, namespace
from scrape_doctor.selectors import shown, unmet


def check(evidence: Evidence) -> Finding:
    """Look for ServiceMonitors and PodMonitors that Helm made for the release, or others made for it."""
    monitors = evidence.monitors()
    if monitors:
        return ok(", ".join(f"{m.get('kind', 'monitor')} {namespace(m)}/{name(m)}" for m in monitors))
    if "servicemonitors" in evidence.unknown:
        return broken(
            "monitor-kind-missing",
            "the cluster knows no ServiceMonitor",
            evidence.unknown["servicemonitors"],
            fix="install kube-prometheus-stack first, then upgrade the release",
        )
    switch = evidence.value_path_ending("serviceMonitor.enabled") or "serviceMonitor.enabled"
    return broken(
        "monitor-missing",
        "no ServiceMonitor or PodMonitor belongs to the release or selects its Services or pods",
        *strangers(evidence),
        fix=evidence.upgrade(f"{switch}=true"),
    )


def strangers(evidence: Evidence) -> Iterator[str]:
    """Yield the monitors beside the release that Helm did not make: one of them may be meant, and miss."""
    for monitor in evidence.all("servicemonitors") + evidence.all("podmonitors"):
        made_by_helm = "meta.helm.sh/release-name" in (monitor["metadata"].get("annotations") or {})
        if namespace(monitor) == evidence.names.namespace and not made_by_helm:
            selector = monitor["spec"]["selector"]
            lacks = min((unmet(selector, labels(thing)) for thing in evidence.offered(monitor)), key=len, default=[])
            missing = f"; the nearest here lacks {', '.join(lacks)}" if lacks else ""
            yield f"{monitor['kind']} {name(monitor)} selects {shown(selector)}{missing}"
