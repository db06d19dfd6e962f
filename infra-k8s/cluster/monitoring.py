"""The cluster's monitoring, where kube-prometheus-stack puts it as release `monitoring` in namespace `monitoring`."""

from collections.abc import Iterator
from contextlib import contextmanager

from kr8s.objects import Pod

from cluster.kube import forward
from cluster.prometheus import Prometheus

NAMESPACE = "monitoring"
SERVICE = "monitoring-kube-prometheus-prometheus"
PORT = 9090


@contextmanager
def watched() -> Iterator[Prometheus]:
    """Open a way to Prometheus as it runs now: one that was opened before its restart is dead."""
    with forward(NAMESPACE, SERVICE, PORT) as url:
        prometheus = Prometheus(url)
        try:
            yield prometheus
        finally:
            prometheus.close()


def prometheus_pod() -> Pod:
    """Return Prometheus's pod; raise LookupError if there is none."""
    found = list(Pod.list(namespace=NAMESPACE, label_selector={"app.kubernetes.io/name": "prometheus"}))
    if not found or not isinstance(found[0], Pod):
        raise LookupError(f"namespace {NAMESPACE} has no Prometheus pod")
    return found[0]
