"""The Prometheus: the stack's release made one, it runs, and it answers."""

from scrape_doctor.evidence import PROMETHEUS, Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import is_ready, labels, name, namespace


def check(evidence: Evidence) -> Finding:
    """Judge the Prometheus objects of the monitoring namespace and their answers."""
    names = evidence.names
    if not evidence.prometheuses():
        elsewhere = [f"{namespace(p)}/{name(p)}" for p in evidence.all("prometheuses")]
        return broken(
            "prometheus-missing",
            f"namespace {names.monitoring_namespace} has no Prometheus of an operator",
            *([f"found elsewhere: {', '.join(elsewhere)}; name its namespace"] if elsewhere else []),
            fix=f"helm install {names.monitoring_release} prometheus-community/kube-prometheus-stack "
            f"-n {names.monitoring_namespace} --create-namespace",
        )
    for prometheus, shard in evidence.shards():
        if not any(is_ready(pod) for pod in shard):
            return broken(
                "prometheus-not-ready",
                f"Prometheus {name(prometheus)} has no Ready pod",
                *(f"pod {name(pod)} is {pod['status'].get('phase')}" for pod in shard),
                fix=f"kubectl -n {names.monitoring_namespace} describe pods -l {PROMETHEUS}={name(prometheus)}",
            )
    pods = evidence.prometheus_pods()
    if evidence.prometheus.error:
        return broken(
            "prometheus-silent",
            f"Prometheus does not answer: {evidence.prometheus.error}",
            fix=f"kubectl -n {names.monitoring_namespace} logs {name(pods[0])} -c prometheus",
        )
    if not evidence.prometheus.reloaded:
        return broken(
            "prometheus-config",
            "Prometheus could not load its newest configuration and works with an older one",
            fix=f"kubectl -n {names.monitoring_namespace} logs {name(pods[0])} -c prometheus | grep -i err",
        )
    version = labels(pods[0]).get("app.kubernetes.io/version", "")
    return ok(", ".join(f"{name(prometheus)} {version}".strip() for prometheus in evidence.watchers()))
