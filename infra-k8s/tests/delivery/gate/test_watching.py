"""What keeps the evidence from being gathered is the evidence: nothing of it is ever passed over."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import kr8s
import pytest

from delivery.gate import watching
from delivery.gate.judgement import Verdict, judge
from delivery.gate.objectives import Objectives
from delivery.gate.rollout import Rollout

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

    monkeypatch.setattr(watching, "forward", no_way)
    evidence = watching.watch(ROLLOUT, ["/"], seconds=1, rate=1, monitoring="monitoring", say=print)
    rows = judge(evidence, Objectives(0.995, 0.99, 0.25))
    assert [(row.new, row.verdict) for row in rows] == [(str(error), Verdict.NO_DATA)]


def test_pods_of_a_revision_are_told_by_their_replica_set() -> None:
    assert ROLLOUT.selector(ROLLOUT.new) == 'namespace="shop",pod=~"app-6d4f9c-[a-z0-9]{5}"'
