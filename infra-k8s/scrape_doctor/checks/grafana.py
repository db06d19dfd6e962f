"""Grafana: where there is one, it answers."""

from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check Grafana's own health path."""
    scope = snapshot.scope
    if snapshot.grafana_right:
        return needs(snapshot.grafana_right)
    if snapshot.grafana is None:
        return skipped(f"namespace {scope.monitoring_namespace} has no running Grafana")
    if snapshot.grafana.healthy:
        return ok("its /api/health answers 200")
    return broken(
        "grafana-silent",
        f"Grafana's /api/health answers {snapshot.grafana.status or snapshot.grafana.reason}",
        fix=f"kubectl -n {scope.monitoring_namespace} logs -l app.kubernetes.io/name=grafana -c grafana",
    )
