"""Grafana: where there is one, it answers."""

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped


def check(evidence: Evidence) -> Finding:
    """Judge Grafana's own health path."""
    names = evidence.names
    if evidence.grafana is None:
        return skipped(f"namespace {names.monitoring_namespace} has no running Grafana")
    if evidence.grafana.good:
        return ok("its /api/health answers 200")
    return broken(
        "grafana-silent",
        f"Grafana's /api/health answers {evidence.grafana.status or evidence.grafana.reason}",
        fix=f"kubectl -n {names.monitoring_namespace} logs -l app.kubernetes.io/name=grafana -c grafana",
    )
