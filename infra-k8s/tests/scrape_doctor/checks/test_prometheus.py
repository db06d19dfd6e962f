"""Prometheus' shards."""

from copy import deepcopy

from scrape_doctor.finding import State
from scrape_doctor.monitoring import SHARD
from tests.scrape_doctor.faults import (
    joined,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_shard_without_a_ready_pod_is_named() -> None:
    world = healthy("umbrella")
    second = deepcopy(world.all("pods")[-1])
    second["metadata"]["labels"][SHARD] = "1"
    second["status"]["conditions"] = []
    joined(world, "pods", second)
    assert finding(world, "prometheus") == (State.BROKEN, "Prometheus p has no Ready pod")
