"""Load from inside the cluster: the chart's own load script as a Job, through the Service.

A port-forward would pin one pod and prove nothing about the others.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kr8s.objects import ConfigMap, Job, Pod

SCRIPT = Path(__file__).resolve().parent.parent / "helm" / "flask-app" / "files" / "load.py"


@dataclass(frozen=True)
class Report:
    """What the load's own report says; `raw` holds all of it."""

    raw: dict[str, Any]

    @property
    def sent(self) -> int:
        return int(self.raw["sent"])

    @property
    def failed(self) -> int:
        return int(self.raw["failed"])

    def __str__(self) -> str:
        return f"{self.sent} requests at {self.raw['rate']:g}/s, {self.failed} failed"


class Load:
    """One bounded load against a service of the namespace that it runs in."""

    def __init__(self, namespace: str, name: str, image: str, arguments: list[str], node: str | None = None) -> None:
        metadata = {"name": name, "namespace": namespace}
        self.script = ConfigMap({"metadata": metadata, "data": {"load.py": SCRIPT.read_text()}})
        self.job = Job({"metadata": metadata, "spec": job_spec(name, image, arguments, node)})
        self.namespace = namespace
        self.name = name

    def start(self) -> None:
        """Create the Job and wait until its pod runs."""
        self.script.create()
        self.job.create()
        self.wait(90, lambda pod: pod.status.get("phase") != "Pending")

    def running(self) -> bool:
        """Say whether it is still sending."""
        return bool(self.wait(10, lambda pod: True).status.get("phase") == "Running")

    def clock(self) -> float:
        """Return the time where the load runs, in seconds since the epoch: its report is in those."""
        pod = self.wait(10, lambda pod: True)
        return float(pod.exec(["python", "-c", "import time; print(time.time())"]).stdout)

    def stop(self) -> None:
        """Stop it early: it still waits for its open requests, and reports."""
        pod = self.wait(10, lambda pod: True)
        pod.exec(["python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"], check=False)

    def report(self, seconds: float) -> Report:
        """Wait for the end and return the report; raise RuntimeError when the load itself broke."""
        pod = self.wait(seconds, lambda pod: pod.status.get("phase") in ("Succeeded", "Failed"))
        lines = [line for line in pod.logs() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"load {self.name} left no report: {pod.status}")
        return Report(json.loads(lines[-1]))

    def wait(self, seconds: float, done: Callable[[Pod], bool]) -> Pod:
        """Return the Job's pod once `done` holds of it; raise TimeoutError otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for pod in Pod.list(namespace=self.namespace, label_selector={"job-name": self.name}):
                if isinstance(pod, Pod) and done(pod):
                    return pod
            time.sleep(0.5)
        raise TimeoutError(f"load {self.name} was not done after {seconds:.0f} s")


def job_spec(name: str, image: str, arguments: list[str], node: str | None) -> dict[str, Any]:
    """Return the spec of a Job that runs the script once."""
    pod = pod_spec("load", image, ["python", "/script/load.py", *arguments])
    pod["containers"][0]["volumeMounts"] = [{"name": "script", "mountPath": "/script", "readOnly": True}]
    pod["volumes"] = [{"name": "script", "configMap": {"name": name}}]
    if node:
        pod["nodeName"] = node
    return {"backoffLimit": 0, "ttlSecondsAfterFinished": 600, "template": {"spec": pod}}


def pod_spec(name: str, image: str, command: list[str]) -> dict[str, Any]:
    """Return the spec of a pod that runs one command, hardened as the `restricted` standard asks."""
    container = {
        "name": name,
        "image": image,
        "command": command,
        "resources": {"requests": {"cpu": "50m", "memory": "48Mi"}, "limits": {"memory": "192Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
