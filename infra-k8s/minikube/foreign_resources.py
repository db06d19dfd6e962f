"""Resources in the cluster that are not ours: deleting the cluster would delete them too."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from minikube import chain

OURS = {chain.NAMESPACE, chain.MONITORING}
KINDS = "namespaces,deployments,statefulsets,daemonsets,cronjobs,jobs,pods,persistentvolumeclaims"


class NoAnswer(Exception):
    """minikube, kubectl or helm did not answer."""


def cluster_exists() -> bool:
    """Return whether there is a cluster at all, running or not; raise NoAnswer if minikube does not say."""
    profiles = _asked("minikube", "profile", "list", "--output", "json")
    return any(each["Name"] == chain.CONTEXT for each in [*profiles["valid"], *profiles["invalid"]])


def found() -> list[str]:
    """Return what is neither Kubernetes' own nor ours, by name; raise NoAnswer if the cluster does not answer."""
    # First the command with the shortest timeout.
    objects = _asked(
        *("kubectl", "--context", chain.CONTEXT, "--request-timeout", "10s"),
        *("get", KINDS, "--all-namespaces", "--output", "json"),
    )
    releases = _asked("helm", "list", "--all-namespaces", "--kube-context", chain.CONTEXT, "--output", "json")
    names = [each["name"] for each in releases]
    return [*_foreign(objects["items"]), *(f"release {name}" for name in names if name not in OURS)]


def _foreign(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield foreign namespaces, and the objects of `default` that have no owner there."""
    for each in objects:
        kind, metadata = each["kind"], each["metadata"]
        if kind == "Namespace":
            if metadata["name"] not in {"default", *OURS} and not metadata["name"].startswith("kube-"):
                yield f"namespace {metadata['name']}"
        elif metadata["namespace"] == "default" and not metadata.get("ownerReferences"):
            yield f"{kind.lower()} {metadata['name']}"


def _asked(*command: str) -> Any:
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        done.check_returncode()
        return json.loads(done.stdout)
    except (subprocess.CalledProcessError, ValueError) as error:
        raise NoAnswer from error
