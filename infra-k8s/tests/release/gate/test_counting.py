"""Counting between two moments; a Prometheus that holds made-up series stands in for the real one."""

import math
from collections.abc import Mapping

import pytest

from clients.prometheus import Prometheus, Sample
from release.gate import counting
from release.gate.measurements import Requests

BEGIN, END = 1000.0, 1120.0
Moments = Mapping[float, list[tuple[dict[str, str], float]]]


class Remembering(Prometheus):
    """Answers each metric with the series that it was given, by the moment after the `@`."""

    def __init__(self, **series: Moments) -> None:
        super().__init__("http://nowhere")
        self.series = series

    def query(self, expression: str) -> list[Sample]:
        metric, _, moment = expression.partition("{")[0], *expression.rpartition(" @ ")[1:]
        found = self.series.get(metric, {}).get(float(moment) if "@" in expression else END, [])
        return [Sample({"__name__": metric, **labels}, value, END) for labels, value in found]


def counted(by_status: Moments, durations: Moments | None = None) -> Requests:
    prometheus = Remembering(http_requests_total=by_status, http_request_duration_seconds_bucket=durations or {})
    try:
        return counting.requests(prometheus, 'namespace="n"', BEGIN, END)
    finally:
        prometheus.close()


def test_only_what_came_in_between_counts() -> None:
    a, b = {"pod": "a", "status": "200"}, {"pod": "b", "status": "200"}
    assert counted({BEGIN: [(a, 100), (b, 50)], END: [(a, 160), (b, 90)]}).by_status == {"200": 100}


def test_first_failure_of_a_series_born_in_between_counts() -> None:
    ok, failed = {"pod": "a", "status": "200"}, {"pod": "a", "status": "500"}
    assert counted({BEGIN: [(ok, 100)], END: [(ok, 100), (failed, 7)]}).by_status == {"200": 0, "500": 7}


def test_counter_that_started_again_counts_from_nothing() -> None:
    a = {"pod": "a", "status": "200"}
    assert counted({BEGIN: [(a, 100)], END: [(a, 30)]}).by_status == {"200": 30}


def test_unknown_is_not_zero() -> None:
    requests = counted({BEGIN: [], END: []})
    assert requests.total == 0
    assert math.isnan(requests.failed)


def test_durations_are_summed_by_bucket() -> None:
    buckets = {END: [({"pod": pod, "le": le}, n) for pod in "ab" for le, n in (("0.25", 9.0), ("+Inf", 10.0))]}
    assert counted({}, buckets).durations == {0.25: 18, math.inf: 20}


@pytest.mark.parametrize(("known", "restarts"), [("ab", 2), ("a", math.nan), ("", math.nan)])
def test_restarts_are_known_of_every_pod_or_not_at_all(known: str, restarts: float) -> None:
    series = {BEGIN: [({"pod": "a"}, 3.0)], END: [({"pod": pod}, 4.0 if pod == "a" else 1.0) for pod in known]}
    prometheus = Remembering(kube_pod_container_status_restarts_total=series)
    found = counting.restarts(prometheus, 'namespace="n"', ["a", "b"], BEGIN, END)
    prometheus.close()
    assert found == pytest.approx(restarts, nan_ok=True)
