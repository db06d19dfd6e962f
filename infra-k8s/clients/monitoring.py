"""The cluster's monitoring, where kube-prometheus-stack puts it as release `monitoring` in namespace `monitoring`."""

from collections.abc import Iterator
from contextlib import contextmanager

from kr8s.objects import Pod

from clients.port_forward import port_forward
from clients.prometheus import Prometheus

NAMESPACE = "monitoring"
SERVICE = "monitoring-kube-prometheus-prometheus"
PORT = 9090


@contextmanager
def prometheus_client(namespace: str = NAMESPACE, service: str = SERVICE) -> Iterator[Prometheus]:
    """Open a port-forward to Prometheus and yield a client; after a restart of Prometheus, open a new one."""
    with port_forward(namespace, service, PORT) as url:
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
