"""An error that prevents the measurements is reported, never passed over."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import kr8s
import pytest

from clients import monitoring
from clients.prometheus import Prometheus
from release.gate import counting
from release.gate import watch as watching
from release.gate.judgement import Verdict, judge
from release.gate.measurements import NOTHING
from release.gate.objectives import Objectives
from release.gate.rollout import Rollout
from release.load import Report

ROLLOUT = Rollout(
    "shop", "registry/app@sha256:0", "http://app:5000", 2, "app-6d4f9c", "app-7b8c9d", ("app-6d4f9c-a",), 0
)


@pytest.mark.parametrize(
    "error",
    [
        kr8s.NotFoundError("no such Service"),
        httpx.ConnectError("refused"),
        RuntimeError("Prometheus refused query"),
        TimeoutError("a scrape did not come"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_goes_wrong_is_no_data(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    @contextmanager
    def no_way(*_: object) -> Iterator[str]:
        raise error
        yield ""

    monkeypatch.setattr(monitoring, "port_forward", no_way)
    measured = watching.watch(ROLLOUT, ["/"], seconds=1, rate=1, monitoring="monitoring", say=print)
    rows = judge(measured, Objectives(0.995, 0.99, 0.25))
    assert [(row.new, row.verdict) for row in rows] == [(str(error), Verdict.NO_DATA)]


def test_pods_of_a_revision_are_told_by_their_replica_set() -> None:
    assert ROLLOUT.selector(ROLLOUT.new) == 'namespace="shop",pod=~"app-6d4f9c-[a-z0-9]{5}"'


@pytest.mark.parametrize(
    ("age", "since"), [(60, "the rollout"), (7200, "the watch")], ids=["a rollout just now", "one of hours ago"]
)
def test_restarts_count_since_a_rollout_or_else_since_the_watch_began(
    monkeypatch: pytest.MonkeyPatch, age: float, since: str
) -> None:
    watched = time.time()
    begun = watched - age
    asked: list[float] = []

    def restarts(prometheus: Prometheus, pods: str, expected: object, begin: float, end: float) -> float:
        asked.append(begin)
        return 0

    monkeypatch.setattr(counting, "restarts", restarts)
    monkeypatch.setattr(counting, "requests", lambda *_: NOTHING)
    monkeypatch.setattr(counting, "builds", lambda *_: {})
    watching.measure(
        Prometheus("http://nowhere"), replace(ROLLOUT, begun=begun), Report({"sent": 1, "failed": 0}), watched
    )
    assert asked == [begun if since == "the rollout" else watched]
