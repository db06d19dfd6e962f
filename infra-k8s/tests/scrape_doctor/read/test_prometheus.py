"""Several Prometheus servers, asked as one."""

import asyncio
from typing import Any

from scrape_doctor.read.prometheus import joined, targets_of
from scrape_doctor.snapshot import PrometheusAnswers
from scrape_doctor.subject import Subject


def test_the_answers_of_shards_are_joined() -> None:
    one = PrometheusAnswers(
        targets=({"a": 1},), groups=({"name": "g"},), metrics=frozenset({"up"}), samples={("j", "1"): 2.0}
    )
    other = PrometheusAnswers(targets=({"b": 2},), metrics=frozenset({"x"}), samples={("j", "2"): 3.0})
    both = joined([one, other])
    assert both.targets == ({"a": 1}, {"b": 2})
    assert both.groups == ({"name": "g"},)
    assert both.metrics == {"up", "x"}
    assert dict(both.samples) == {("j", "1"): 2.0, ("j", "2"): 3.0}
    assert (both.error, both.reloaded) == ("", True)


def test_one_silent_or_outdated_server_makes_the_join_unreliable() -> None:
    assert joined([PrometheusAnswers(), PrometheusAnswers(error="ConnectError")]).error == "ConnectError"
    assert not joined([PrometheusAnswers(), PrometheusAnswers(reloaded=False)]).reloaded


def test_dropped_targets_are_asked_for_of_loaded_pools_without_another_target_alone() -> None:
    asked: list[dict[str, str]] = []

    async def data(path: str, **params: str) -> Any:
        asked.append(params)
        if params["state"] == "active":
            return {"activeTargets": [{"scrapePool": "podMonitor/web/shop/0"}]}
        older = {"discoveredLabels": {"job": "podMonitor/web/shop/1"}}  # without its pool's name
        return {"droppedTargets": [older, {"scrapePool": "podMonitor/web/other/0"}]}

    metadata = {"name": "shop", "namespace": "web"}
    monitor = {"kind": "PodMonitor", "metadata": metadata, "spec": {"podMetricsEndpoints": [{}, {}, {}]}}
    known = PrometheusAnswers(jobs=frozenset({"podMonitor/web/shop/0", "podMonitor/web/shop/1"}))
    found = asyncio.run(targets_of(data, Subject(monitors=(monitor,)), known))
    assert asked == [{"state": "active"}, {"state": "dropped", "scrapePool": "podMonitor/web/shop/1"}]
    assert [target["discoveredLabels"]["job"] for target in found.dropped] == ["podMonitor/web/shop/1"]
