"""What Prometheus has counted of some pods between two moments.

Counters are read at both moments and subtracted: `increase()` extrapolates, and sees nothing of a series that was born
in between, as the first 5xx of a release always is. A series that is not there at the beginning counts from nothing;
one that shrank was started again. No query falls back to zero: what Prometheus does not know is missing.
"""

import math
from collections.abc import Iterable, Mapping

from clients.prometheus import Prometheus
from release.gate.measurements import Requests

Series = frozenset[tuple[str, str]]


def requests(prometheus: Prometheus, pods: str, begin: float, end: float) -> Requests:
    """Return what the pods of a selector answered between two moments, in seconds since the epoch."""
    counted = grown(prometheus, f"http_requests_total{{{pods}}}", begin, end)
    timed = grown(prometheus, f'http_request_duration_seconds_bucket{{{pods},status!~"5.."}}', begin, end)
    return Requests(summed(counted, "status"), {float(bound): n for bound, n in summed(timed, "le").items()})


def grown(prometheus: Prometheus, selector: str, begin: float, end: float) -> dict[Series, float]:
    """Return by how much each series of a counter grew."""
    before, after = (at(prometheus, selector, moment) for moment in (begin, end))
    return {series: now - was if now >= (was := before.get(series, 0)) else now for series, now in after.items()}


def at(prometheus: Prometheus, selector: str, moment: float) -> dict[Series, float]:
    """Return the value of each series at a moment."""
    return {frozenset(s.labels.items()): s.value for s in prometheus.query(f"{selector} @ {moment:.3f}")}


def summed(series: Mapping[Series, float], label: str) -> dict[str, float]:
    """Sum series up by one of their labels."""
    sums: dict[str, float] = {}
    for labels, value in series.items():
        name = dict(labels)[label]
        sums[name] = sums.get(name, 0) + value
    return sums


def builds(prometheus: Prometheus, pods: str) -> dict[str, str]:
    """Return the revision that each pod reports now."""
    return {s.labels["pod"]: s.labels["revision"] for s in prometheus.query(f"app_build_info{{{pods}}}")}


def restarts(prometheus: Prometheus, pods: str, expected: Iterable[str], begin: float, end: float) -> float:
    """Return how often the pods' containers were restarted since a moment.

    NaN unless Prometheus knows it of every expected pod.
    """
    grew = grown(prometheus, f"kube_pod_container_status_restarts_total{{{pods}}}", begin, end)
    if not set(expected) <= {dict(labels)["pod"] for labels in grew}:
        return math.nan
    return sum(grew.values())
