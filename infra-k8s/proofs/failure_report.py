"""What the cluster and Prometheus report about the namespace of a failed proof."""

from collections.abc import Callable

from clients.diagnostics import diagnostics
from clients.monitoring import prometheus_client


def failure_report(namespace: str) -> str:
    """Return the cluster's diagnostics and the failed scrapes of a namespace; never raise an error."""
    return f"{attempt('the cluster', diagnostics, namespace)}\n{attempt('Prometheus', failed_scrapes, namespace)}"


def attempt(source: str, report: Callable[[str], str], namespace: str) -> str:
    """Return a report, or why there is none: an error here must not hide the failure of the proof."""
    try:
        return report(namespace)
    except Exception as error:
        return f"{source} did not answer: {type(error).__name__}: {error}"


def failed_scrapes(namespace: str) -> str:
    """Return a line for each target of the namespace that is not up."""
    with prometheus_client() as prometheus:
        return "\n".join(prometheus.complaints(namespace)) or "no target of the namespace is down"
