"""The decision, with measurements made up for each case."""

import math
from dataclasses import replace

import pytest

from release.gate.judgement import Verdict, judge, limit
from release.gate.measurements import NOTHING, Measurements, Requests
from release.gate.objectives import Objectives

OBJECTIVES = Objectives(availability=0.995, fast=0.99, threshold=0.25)
REVISION = "a" * 40


def requests(total: float = 2000, *, failed: float = 0, slow: float = 0) -> Requests:
    """Requests of which `failed` are 5xx, `slow` take between 0.25 and 1 s, and the others 0.1 s at most."""
    answered = total - failed
    by_status = {"200": answered, "500": failed} if failed else {"200": answered}
    return Requests(by_status, {0.1: answered - slow, 0.25: answered - slow, 1: answered, math.inf: answered})


GOOD = Measurements(
    wanted=2,
    seen={"new-a": REVISION, "new-b": REVISION},
    requests=requests(),
    before=requests(),
    restarts=0,
    lost=0,
)


def wrong(measured: Measurements, revision: str = "") -> dict[str, Verdict]:
    return {row.measure: row.verdict for row in judge(measured, OBJECTIVES, revision) if row.verdict != Verdict.PASSED}


@pytest.mark.parametrize(
    "measured",
    [
        GOOD,
        replace(GOOD, before=NOTHING),
        replace(GOOD, requests=requests(failed=5)),
        replace(GOOD, seen={**GOOD.seen, "new-c": REVISION}),
        replace(GOOD, before=requests(failed=100), requests=requests(failed=40)),
        replace(GOOD, before=requests(total=10, failed=0), requests=requests(failed=9)),
        replace(GOOD, requests=requests(total=400, failed=1)),
    ],
    ids=[
        "as before",
        "nothing before",
        "within the objective, below half of it",
        "scaled up meanwhile",
        "misses the objective, but by less than before",
        "within the objective, too few requests before to compare with",
        "a single failure among the fewest requests, beside a clean revision before",
    ],
)
def test_good_revision_stays(measured: Measurements) -> None:
    assert wrong(measured, REVISION) == {}


@pytest.mark.parametrize(
    ("measured", "measure"),
    [
        (replace(GOOD, requests=requests(failed=11)), "5xx"),
        (replace(GOOD, requests=requests(failed=8), before=requests(failed=2)), "5xx"),
        (replace(GOOD, requests=requests(failed=120), before=requests(failed=100)), "5xx"),
        (replace(GOOD, lost=0.01), "lost, as a client sees it"),
        (replace(GOOD, requests=requests(slow=21)), "slower than 0.25 s"),
        (replace(GOOD, requests=requests(slow=300)), "p95"),
        (replace(GOOD, requests=requests(slow=100)), "p99"),
        (replace(GOOD, restarts=1), "container restarts"),
        (replace(GOOD, seen={"new-a": REVISION, "new-b": "b" * 40}), "replicas that report"),
    ],
    ids=[
        "misses the objective",
        "within the objective, but far more than before",
        "misses the objective, and by more than before",
        "requests lost on the way",
        "slow answers",
        "p95",
        "p99",
        "restarted",
        "a replica of another revision",
    ],
)
def test_worse_revision_does_not(measured: Measurements, measure: str) -> None:
    assert wrong(measured, REVISION)[measure] is Verdict.WORSE


@pytest.mark.parametrize(
    ("measured", "measure"),
    [
        (Measurements(problem="Prometheus does not answer"), "measurements"),
        (Measurements(), "replicas that report"),
        (replace(GOOD, seen={}), "replicas that report"),
        (replace(GOOD, seen={"new-a": REVISION}), "replicas that report"),
        (replace(GOOD, wanted=0, seen={}), "replicas that report"),
        (replace(GOOD, requests=NOTHING), "requests counted"),
        (replace(GOOD, requests=requests(total=399)), "requests counted"),
        (replace(GOOD, requests=Requests({"200": 2000}, {})), "p99"),
        (replace(GOOD, requests=Requests({"200": 2000}, {})), "slower than 0.25 s"),
        (replace(GOOD, restarts=math.nan), "container restarts"),
        (replace(GOOD, lost=math.nan), "lost, as a client sees it"),
    ],
    ids=[
        "Prometheus unreachable",
        "nothing at all",
        "no series of the new revision",
        "one replica unseen",
        "scaled to nothing",
        "no requests",
        "too few requests",
        "no durations: quantile",
        "no durations: share",
        "no restarts known",
        "nothing sent",
    ],
)
def test_no_data_is_never_good(measured: Measurements, measure: str) -> None:
    assert wrong(measured)[measure] is Verdict.NO_DATA


@pytest.mark.parametrize(
    ("before", "most"),
    [(math.nan, 0.005), (0, 0.0025), (0.001, 0.0025), (0.002, 0.004), (0.004, 0.005), (0.02, 0.02)],
)
def test_limit_is_drawn_between_the_objective_and_what_was_before(before: float, most: float) -> None:
    assert limit(0.005, before) == pytest.approx(most)


def test_objectives_are_the_charts_values() -> None:
    slo = {"availability": 0.995, "latency": {"objective": 0.99, "threshold": "0.25"}}
    assert Objectives.of_values({"prometheusRule": {"slo": slo}}) == OBJECTIVES


def test_fewest_requests_are_those_that_can_show_the_objectives() -> None:
    assert OBJECTIVES.fewest == pytest.approx(400)
