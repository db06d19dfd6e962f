"""What is done to the cluster, and to the application in it. Each returns once the blow has been felt."""

import shlex
import subprocess
from datetime import UTC, datetime

import httpx
import kr8s
from kr8s.objects import Pod

from clients.kubernetes import kubectl, ready
from clients.monitoring import NAMESPACE, PORT, SERVICE, prometheus_pod
from clients.port_forward import port_forward
from clients.prometheus import until

# The server's own children are its workers; what is executed in a container is no child of its first process.
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
wish = {"mebibytes_per_second": 1024, "limit_mebibytes": 4096, "seconds": 60}
headers = {"Authorization": "Bearer " + os.environ["FAULTS_TOKEN"], "Content-Type": "application/json"}
url = "http://127.0.0.1:" + os.environ["PORT"] + "/api/faults/memory"
request = urllib.request.Request(url, json.dumps(wish).encode(), headers, method="PUT")
print(urllib.request.urlopen(request, timeout=5).status)
"""


def kill_by(pod: Pod, script: str) -> None:
    """Run Python in the pod's container that ends a process of the server, and wait until it has another."""
    before = processes(pod)
    run_inside(pod, script)

    def complaint() -> str:
        now = processes(pod)
        return "" if now and now != before else f"{now or 'no process to be seen'}, before {before}"

    until(60, "another process in place of the one that was killed", complaint)


def run_inside(pod: Pod, script: str) -> str:
    """Run Python in the pod's container and return what it printed, also if it perished with the container."""
    return str(pod.exec(["python", "-c", script], check=False).stdout.decode().strip())


def processes(pod: Pod) -> str:
    """Name the server's container and workers, empty while it has none."""
    pod.refresh()
    status = pod.status["containerStatuses"][0]
    try:
        workers = run_inside(pod, WORKERS)
    except (kr8s.ServerError, kr8s.ExecError, httpx.HTTPError, ExceptionGroup):
        return ""  # between two containers
    return f"{status['containerID']} {workers}" if workers.strip("[]") else ""


def command(line: str, node: str) -> None:
    """Run the user's own command for a node, whose name is its last argument. Whether it worked, the node will show."""
    done = subprocess.run([*shlex.split(line), node], capture_output=True, text=True, timeout=120)
    print(f"{line} {node}: exit status {done.returncode}\n{done.stdout}{done.stderr}")


def restart_prometheus() -> None:
    """End Prometheus in good order and wait until the kubelet has started it again in place, its data with it."""
    before = restarts(prometheus_pod())
    with port_forward(NAMESPACE, SERVICE, PORT) as url:
        httpx.post(f"{url}/-/quit", timeout=10).raise_for_status()

    def complaint() -> str:
        pod = prometheus_pod()
        return "" if restarts(pod) > before and ready(pod) else "Prometheus is not back"

    until(120, "Prometheus after its restart", complaint)


def restarts(pod: Pod) -> int:
    """Return how often the pod's containers were started again."""
    return sum(status["restartCount"] for status in pod.status.get("containerStatuses", []))


def move_prometheus(away_from: str) -> None:
    """Let Prometheus run on another node than the one that is to be struck: it shall watch."""
    pod = prometheus_pod()
    if pod.spec["nodeName"] != away_from:
        return
    kubectl("cordon", away_from)
    try:
        pod.delete()
        until(120, "Prometheus on another node", lambda: "" if moved(away_from) else "it is not Ready elsewhere")
    finally:
        kubectl("uncordon", away_from)


def moved(away_from: str) -> bool:
    """Tell whether Prometheus is Ready on another node."""
    try:
        pod = prometheus_pod()
    except LookupError:
        return False
    return ready(pod) and pod.spec.get("nodeName") != away_from and "deletionTimestamp" not in pod.metadata


def now() -> str:
    """Return the time of day, for an annotation that makes every pod new."""
    return datetime.now(UTC).isoformat()
