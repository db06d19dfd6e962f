"""The monitor: somebody asks Prometheus to scrape the release at all."""

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok
from doctor.objects import name, namespace


def check(evidence: Evidence) -> Finding:
    """Look for ServiceMonitors and PodMonitors that Helm made for the release or others made for its Services."""
    monitors = evidence.monitors()
    if monitors:
        return ok(", ".join(f"{m.get('kind', 'monitor')} {namespace(m)}/{name(m)}" for m in monitors))
    if "servicemonitors" in evidence.refused:
        return broken(
            "monitor-kind-missing",
            "the cluster knows no ServiceMonitor",
            evidence.refused["servicemonitors"],
            mend="install kube-prometheus-stack first, then upgrade the release",
        )
    switch = evidence.value_path_ending("serviceMonitor.enabled") or "serviceMonitor.enabled"
    return broken(
        "monitor-missing",
        "no ServiceMonitor or PodMonitor belongs to the release or selects its Services",
        mend=evidence.upgrade(f"{switch}=true"),
    )
