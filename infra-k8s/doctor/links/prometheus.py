"""The Prometheus: the stack's release made one, it runs, and it answers."""

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok
from doctor.objects import is_ready, labels, name, namespace


def check(evidence: Evidence) -> Finding:
    """Judge the Prometheus objects of the monitoring namespace and their answers."""
    names = evidence.names
    if not evidence.prometheuses():
        elsewhere = [f"{namespace(p)}/{name(p)}" for p in evidence.all("prometheuses")]
        return broken(
            "prometheus-missing",
            f"namespace {names.monitoring_namespace} has no Prometheus of an operator",
            *([f"found elsewhere: {', '.join(elsewhere)}; name its namespace"] if elsewhere else []),
            mend=f"helm install {names.monitoring_release} prometheus-community/kube-prometheus-stack "
            f"-n {names.monitoring_namespace} --create-namespace",
        )
    pods = evidence.prometheus_pods()
    if not any(is_ready(pod) for pod in pods):
        return broken(
            "prometheus-not-ready",
            f"Prometheus {name(evidence.prometheuses()[0])} has no Ready pod",
            *(f"pod {name(pod)} is {pod['status'].get('phase')}" for pod in pods),
            mend=f"kubectl -n {names.monitoring_namespace} describe pods -l "
            f"operator.prometheus.io/name={name(evidence.prometheuses()[0])}",
        )
    if evidence.prometheus.error:
        return broken(
            "prometheus-silent",
            f"Prometheus does not answer: {evidence.prometheus.error}",
            mend=f"kubectl -n {names.monitoring_namespace} logs {name(pods[0])} -c prometheus",
        )
    if not evidence.prometheus.reloaded:
        return broken(
            "prometheus-config",
            "Prometheus could not load its newest configuration and works with an older one",
            mend=f"kubectl -n {names.monitoring_namespace} logs {name(pods[0])} -c prometheus | grep -i err",
        )
    version = labels(pods[0]).get("app.kubernetes.io/version", "")
    return ok(f"{name(evidence.prometheuses()[0])} {version}".strip())
