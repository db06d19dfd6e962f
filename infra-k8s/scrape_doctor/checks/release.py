"""The Helm release: it exists and brought something that runs."""

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok


def check(evidence: Evidence) -> Finding:
    """Judge Helm's own record; a failed upgrade is only mentioned, for its cause lies further down."""
    names, helm = evidence.names, evidence.helm
    if helm is None:
        return broken(
            "release-missing",
            f"there is no Helm release {names.release} in namespace {names.namespace}",
            fix=f"helm upgrade --install {names.release} <chart> -n {names.namespace}",
        )
    if not any(evidence.workloads()):
        return broken(
            "release-empty",
            f"release {names.release} brought no Deployment, StatefulSet or DaemonSet",
            f"revision {helm.revision}, {helm.status}",
            fix=f"helm get manifest {names.release} -n {names.namespace}",
        )
    return ok(f"revision {helm.revision} of {helm.chart or names.release}, {helm.status}")
