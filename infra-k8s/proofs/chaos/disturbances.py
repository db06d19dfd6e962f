"""Disturbances of the cluster and of the application; each returns when it has taken effect."""

import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import kr8s
from kr8s.objects import Node, Pod

from clients.kubernetes import kubectl, ready
from clients.monitoring import NAMESPACE, PORT, SERVICE, prometheus_pod
from clients.port_forward import port_forward
from clients.prometheus import until

# The workers are the children of process 1; a command that `kubectl exec` runs is not.
WORKERS = """
import os, pathlib, signal
def parent(process):
    return process.joinpath("stat").read_text().rpartition(")")[2].split()[1]
workers = [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit() and parent(p) == "1"]
print(workers)
"""
KILL_WORKER = WORKERS + "os.kill(workers[0], signal.SIGKILL)"
EXHAUST_MEMORY = """
import json, os, urllib.request
payload = {"mebibytes_per_second": 1024, "limit_mebibytes": 4096, "seconds": 60}
headers = {"Authorization": "Bearer " + os.environ["FAULTS_TOKEN"], "Content-Type": "application/json"}
url = "http://127.0.0.1:" + os.environ["PORT"] + "/api/faults/memory"
request = urllib.request.Request(url, json.dumps(payload).encode(), headers, method="PUT")
print(urllib.request.urlopen(request, timeout=5).status)
"""


def kill_process(pod: Pod, script: str) -> None:
    """Run a Python script in the pod that kills a process of the server, and wait until another has replaced it."""
    before = processes(pod)
    run_inside(pod, script)

    def complaint() -> str:
        now = processes(pod)
        return "" if now and now != before else f"{now or 'no process yet'}, before {before}"

    until(60, "a new process of the server", complaint)


def run_inside(pod: Pod, script: str) -> str:
    """Run a Python script in the pod and return its output, also if it dies together with the container."""
    return str(pod.exec(["python", "-c", script], check=False).stdout.decode().strip())


def processes(pod: Pod) -> str:
    """Return the identity of the server's container and workers; empty while there are none."""
    pod.refresh()
    status = pod.status["containerStatuses"][0]
    try:
        workers = run_inside(pod, WORKERS)
    except (kr8s.ServerError, kr8s.ExecError, httpx.HTTPError, ExceptionGroup):
        return ""  # the container is being restarted
    return f"{status['containerID']} {workers}" if workers.strip("[]") else ""


@dataclass(frozen=True)
class NodePower:
    """The power of a node, by the user's commands `stop` and `start`, which get its name as last argument.

    `note` records how long the control plane took to see what happened.
    """

    node: str
    stop: str
    start: str
    note: Callable[[str], None]

    def cut(self, until_moved: Callable[[], None]) -> None:
        """Cut the node's power, wait until its pods run elsewhere, and restore it."""
        begin = time.monotonic()
        try:
            self.run(self.stop)
            until(90, f"{self.node} NotReady", lambda: "it is Ready" if node_ready(self.node) else "")
            self.note(f"the control plane marked the node NotReady after {time.monotonic() - begin:.0f} s")
            until_moved()
            self.note(f"every pod Ready again after {time.monotonic() - begin:.0f} s, on the other node")
        finally:
            begin = time.monotonic()
            self.run(self.start)
            until(120, f"{self.node} Ready", lambda: "" if node_ready(self.node) else "not Ready")
            self.note(f"the node was Ready {time.monotonic() - begin:.0f} s after its power was restored")

    def run(self, command: str) -> None:
        """Run one of the commands; the caller checks its effect."""
        done = subprocess.run([*shlex.split(command), self.node], capture_output=True, text=True, timeout=120)
        print(f"{command} {self.node}: exit status {done.returncode}\n{done.stdout}{done.stderr}")


def node_ready(name: str) -> bool:
    """Return whether a node's Ready condition is True."""
    conditions = Node.get(name).status["conditions"]
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def drain(node: str) -> None:
    """Evict every pod from a node, and let it take pods again."""
    kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=100s")
    kubectl("uncordon", node)


def restart_prometheus() -> None:
    """Stop Prometheus gracefully and wait until the kubelet has restarted it in its pod, with its data."""
    before = restarts(prometheus_pod())
    with port_forward(NAMESPACE, SERVICE, PORT) as url:
        httpx.post(f"{url}/-/quit", timeout=10).raise_for_status()

    def complaint() -> str:
        pod = prometheus_pod()
        return "" if restarts(pod) > before and ready(pod) else "Prometheus is not back"

    until(120, "Prometheus after its restart", complaint)


def restarts(pod: Pod) -> int:
    """Return how often the kubelet has restarted the pod's containers."""
    return sum(status["restartCount"] for status in pod.status.get("containerStatuses", []))


def move_prometheus(away_from: str) -> None:
    """Move Prometheus off a node that a disturbance stops: it has to observe the disturbance."""
    pod = prometheus_pod()
    if pod.spec["nodeName"] != away_from:
        return
    kubectl("cordon", away_from)
    try:
        pod.delete()
        until(120, "Prometheus on another node", lambda: "" if moved(away_from) else "it is not Ready there")
    finally:
        kubectl("uncordon", away_from)


def moved(away_from: str) -> bool:
    """Return whether Prometheus is Ready on another node."""
    try:
        pod = prometheus_pod()
    except LookupError:
        return False
    return ready(pod) and pod.spec.get("nodeName") != away_from and "deletionTimestamp" not in pod.metadata


def timestamp() -> str:
    """Return the current time: as a pod annotation it replaces every pod."""
    return datetime.now(UTC).isoformat()
