"""Steady load from inside the cluster while one thing after another breaks.

Nothing is sent twice and every attempt counts. What is done on purpose and in good order (an upgrade, a deletion, a
drain, a restart of Prometheus) must lose nothing. What strikes without warning loses what was under way and what is
sent until the endpoint is gone: measured, and held to a bound.
"""

import os
import time
from collections.abc import Iterator

import pytest
from kr8s.objects import Node

from clients.helm import Release
from clients.kubernetes import kubectl, pods, ready
from clients.monitoring import prometheus_client
from clients.prometheus import until
from proofs.chaos.blows import (
    EXHAUST_MEMORY,
    KILL_WORKER,
    command,
    kill_by,
    move_prometheus,
    now,
    restart_prometheus,
)
from proofs.chaos.scene import RATE, REPLICAS, Scene, node_ready, nodes, remembers
from proofs.image import Image
from proofs.report import Proof

# A killed process: its open connections break at once; new ones wait in the server's queue or go elsewhere.
PROCESS_BOUND_SECONDS = 10
# A silent node: its endpoints stay until the control plane gives it up (node-monitor-grace-period, 40 to 50 s). Of the
# new connections, half of the requests, a share goes there. A straggler can follow much later: see the README.
NODE_BOUND_SECONDS = 75
STRAGGLER_SECONDS = 120


@pytest.fixture(scope="module")
def scene(namespace: str, image: Image) -> Iterator[Scene]:
    found = nodes()
    if len(found) < 2:
        pytest.fail(f"chaos needs two nodes, this cluster has {found}")
    scene = Scene(Release(namespace), image, keeper=found[0], victim=found[-1])
    move_prometheus(away_from=scene.victim)
    scene.release.upgrade(scene.values())
    yield scene
    scene.release.uninstall()


@pytest.fixture
def victim(scene: Scene) -> Iterator[str]:
    """The node that is struck; schedulable again afterwards, whatever happened."""
    scene.settle()
    scene.spread()
    yield scene.victim
    kubectl("uncordon", scene.victim)


def test_no_disturbance(proof: Proof, scene: Scene) -> None:
    """Undisturbed: nothing fails, and Prometheus counts exactly what was sent."""
    before = scene.counted()
    outcome = scene.under_load(proof, "still", lambda: time.sleep(8))
    counted = scene.counted() - before
    proof.saw(f"Prometheus counted {counted:.0f}")
    assert outcome.failed == 0
    assert counted == outcome.sent


def test_upgrade_and_rollback(proof: Proof, scene: Scene) -> None:
    """A release is upgraded and rolled back."""

    def blow() -> None:
        scene.release.upgrade(scene.values(**{"podAnnotations.upgraded": now()}))
        scene.release.rollback()

    assert scene.under_load(proof, "upgrade", blow).failed == 0


def test_pod_deleted(proof: Proof, scene: Scene) -> None:
    """A pod is deleted."""
    assert scene.under_load(proof, "deletion", lambda: scene.pod().delete()).failed == 0


def test_worker_killed(proof: Proof, scene: Scene) -> None:
    """A gunicorn worker is killed with SIGKILL."""
    outcome = scene.under_load(proof, "worker", lambda: kill_by(scene.pod(), KILL_WORKER))
    assert outcome.until_last_failure <= PROCESS_BOUND_SECONDS
    assert outcome.failed <= RATE * 2


def test_out_of_memory(proof: Proof, scene: Scene) -> None:
    """A container runs out of memory."""
    before = scene.restarts()
    outcome = scene.under_load(proof, "memory", lambda: kill_by(scene.pod(), EXHAUST_MEMORY))
    # Whether the kernel kills one process of a cgroup or all of them is the node's own setting (memory.oom.group).
    proof.saw("the container died" if scene.restarts() > before else "the kernel killed the worker and left the server")
    assert outcome.until_last_failure <= PROCESS_BOUND_SECONDS
    assert outcome.failed <= RATE * 2


def test_prometheus_restarted(proof: Proof, scene: Scene) -> None:
    """Prometheus is restarted: nothing fails, it keeps its data, and its counts agree exactly afterwards."""
    before, moment = scene.counted(), time.time()
    outcome = scene.under_load(proof, "prometheus", restart_prometheus)
    counted = scene.counted() - before
    proof.saw(f"Prometheus counted {counted:.0f}")
    assert outcome.failed == 0
    with prometheus_client() as prometheus:
        assert remembers(prometheus, scene.release.namespace, moment), "Prometheus forgot what it saw before"
    assert counted == outcome.sent


def test_node_loses_power(proof: Proof, scene: Scene, victim: str) -> None:
    """A node loses its power and comes back."""
    stop, start = os.environ.get("NODE_STOP"), os.environ.get("NODE_START")
    if not stop or not start:
        pytest.fail("NODE_STOP and NODE_START are not set: name the commands that cut a node's power and give it back")

    def blow() -> None:
        begin = time.monotonic()
        try:
            command(stop, victim)
            until(90, f"the loss of {victim}", lambda: "it still reports" if node_ready(victim) else "")
            proof.saw(f"given up by the control plane after {time.monotonic() - begin:.0f} s")
            until(90, "pods elsewhere", lambda: "" if elsewhere(scene) == REPLICAS else f"{elsewhere(scene)} Ready")
            proof.saw(f"{REPLICAS} pods Ready again after {time.monotonic() - begin:.0f} s, on the other node")
        finally:
            begin = time.monotonic()
            command(start, victim)
            until(120, f"{victim} after its power came back", lambda: "" if node_ready(victim) else "not Ready")
            proof.saw(f"the node was Ready {time.monotonic() - begin:.0f} s after its power came back")

    with scene.nearby() as nearby, scene.load("power") as load, scene.load("power-nearby", nearby) as near:
        struck = scene.strike(load, blow)
    outcome = scene.outcome(proof, load, struck)
    proof.saw("the same at the same time, with service.trafficDistribution PreferSameNode:")
    spared = scene.outcome(proof, near, struck)
    assert 0 < outcome.failed <= RATE / 2 * NODE_BOUND_SECONDS
    assert outcome.until_last_failure <= STRAGGLER_SECONDS
    assert spared.failed == 0


def elsewhere(scene: Scene) -> int:
    """Count the Ready replicas that are not on the victim."""
    return sum(ready(pod) and pod.spec["nodeName"] != scene.victim for pod in pods(scene.release.namespace))


def test_node_drained(proof: Proof, scene: Scene, victim: str) -> None:
    """A node is drained and comes back."""

    def blow() -> None:
        kubectl("drain", victim, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=100s")
        kubectl("uncordon", victim)

    assert scene.under_load(proof, "drain", blow).failed == 0
    assert not Node.get(victim).spec.get("taints", [])
