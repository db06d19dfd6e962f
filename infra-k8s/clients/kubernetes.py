"""The Kubernetes API: kubectl, and the application's pods."""

import json
import subprocess

from kr8s.objects import Pod

SELECTOR = {"app.kubernetes.io/name": "flask-app", "app.kubernetes.io/instance": "flask-app"}


def kubectl(*arguments: str, given: object = None) -> str:
    """Run kubectl, `given` as JSON on its input; return what it printed, or raise RuntimeError with its words."""
    stdin = None if given is None else json.dumps(given)
    done = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, input=stdin)
    if done.returncode != 0:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def pods(namespace: str) -> list[Pod]:
    """Return the application's pods that are not being deleted."""
    return [pod for pod in all_pods(namespace) if "deletionTimestamp" not in pod.metadata]


def leaving_pods(namespace: str) -> list[Pod]:
    """Return the application's pods that are terminating."""
    return [pod for pod in all_pods(namespace) if "deletionTimestamp" in pod.metadata]


def all_pods(namespace: str) -> list[Pod]:
    """Return the application's pods, terminating ones included."""
    return [pod for pod in Pod.list(namespace=namespace, label_selector=SELECTOR) if isinstance(pod, Pod)]


def ready(pod: Pod) -> bool:
    """Say whether the pod's Ready condition holds."""
    conditions = pod.status.get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
