"""The target: it exists; a Helm release also has a workload."""

from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources.objects import name, namespace
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check Helm's own record; a failed upgrade is only mentioned, because a later link names its cause."""
    if (target := snapshot.subject.target) is not None:
        return ok(f"{target['kind']} {namespace(target)}/{name(target)}")
    scope, helm = snapshot.scope, snapshot.helm
    if helm is None:
        return broken(
            "release-missing",
            f"there is no Helm release {scope.release} in namespace {scope.namespace}",
            fix=f"helm upgrade --install {scope.release} <chart> -n {scope.namespace}",
        )
    if not snapshot.subject.workloads:
        return broken(
            "release-empty",
            f"release {scope.release} has no Deployment, StatefulSet or DaemonSet",
            f"revision {helm.revision}, {helm.status}",
            fix=f"helm get manifest {scope.release} -n {scope.namespace}",
        )
    return ok(f"revision {helm.revision} of {helm.chart or scope.release}, {helm.status}")
