"""Prometheus: the monitoring release made one, it runs, and it answers."""

from collections.abc import Sequence

from scrape_doctor.finding import Finding, State, broken, needs, ok
from scrape_doctor.monitoring import PROMETHEUS, selects
from scrape_doctor.resources.monitors import MONITORS
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.pods import is_ready
from scrape_doctor.snapshot import Snapshot

USUAL = "monitoring"  # the release's and namespace's name in most instructions


def check(snapshot: Snapshot) -> Finding:
    """Check the Prometheus objects of the monitoring namespace and their answers."""
    scope = snapshot.scope
    if right := missing_right(snapshot):
        return needs(right)
    if not snapshot.monitoring.prometheuses:
        namespace_given = scope.monitoring_namespace
        where = f"namespace {namespace_given}" if namespace_given else "the cluster"
        elsewhere = [f"{namespace(p)}/{name(p)}" for p in snapshot.cluster.all("prometheuses")]
        return broken(
            "prometheus-missing",
            f"{where} has no Prometheus of an operator",
            *([f"found elsewhere: {', '.join(elsewhere)}; name its namespace"] if elsewhere else []),
            fix=f"helm install {scope.monitoring_release or USUAL} prometheus-community/kube-prometheus-stack "
            f"-n {namespace_given or USUAL} --create-namespace",
        )
    for prometheus, shard in snapshot.monitoring.shards():
        if snapshot.cluster.may_not_list("pods", namespace(prometheus)):
            continue  # it answered nevertheless
        if not any(is_ready(pod) for pod in shard):
            return broken(
                "prometheus-not-ready",
                f"{prometheus['kind']} {name(prometheus)} has no Ready pod",
                *(f"pod {name(pod)} is {pod['status'].get('phase')}" for pod in shard),
                fix=f"kubectl -n {scope.monitoring_namespace} describe pods -l {PROMETHEUS}={name(prometheus)}",
            )
    pods = snapshot.monitoring.pods
    if snapshot.prometheus.asks_for_credentials:
        return Finding(State.NOT_CHECKED, f"Prometheus could not be asked: {snapshot.prometheus.error}")
    if snapshot.prometheus.error:
        return broken(
            "prometheus-silent",
            f"Prometheus does not answer: {snapshot.prometheus.error}",
            fix=f"kubectl -n {scope.monitoring_namespace} logs {log_of(pods)} -c prometheus",
        )
    if not snapshot.prometheus.reloaded:
        return broken(
            "prometheus-config",
            "Prometheus could not load its newest configuration and runs with an older one",
            fix=f"kubectl -n {scope.monitoring_namespace} logs {log_of(pods)} -c prometheus | grep -i err",
        )
    version = labels(pods[0]).get("app.kubernetes.io/version", "") if pods else ""
    found = ", ".join(f"{name(prometheus)} {version}".strip() for prometheus in snapshot.monitoring.watchers)
    target = snapshot.subject.target
    return ok(f"{found}{takes(snapshot, target) if target in snapshot.monitoring.watchers else ''}")


def missing_right(snapshot: Snapshot) -> str:
    """Return the right that is missing to see a Prometheus, or to ask the one that we see."""
    cluster, given = snapshot.cluster, snapshot.scope.monitoring_namespace
    if not snapshot.monitoring.prometheuses:
        if (given and cluster.may_not_list("prometheuses", given)) or cluster.may_not_list("prometheuses", ""):
            return f"list prometheuses in {f'namespace {given}' if given else 'every namespace'}"
        return ""
    return snapshot.prometheus.right


def log_of(pods: Sequence[Object]) -> str:
    """Return what `kubectl logs` takes for the pods of Prometheus."""
    return name(pods[0]) if pods else f"-l {PROMETHEUS}"


def takes(snapshot: Snapshot, prometheus: Object) -> str:
    """Return how many monitors a Prometheus selects and how many of its targets are up."""
    cluster = snapshot.cluster
    monitors = [thing for kind in (*MONITORS, "probes") for thing in cluster.all(kind)]
    count = sum(selects(cluster, prometheus, monitor) for monitor in monitors)
    targets = snapshot.prometheus.targets
    up = sum(target["health"] == "up" for target in targets)
    return f" selects {count} of {len(monitors)} monitors, {up} of {len(targets)} targets are up"
