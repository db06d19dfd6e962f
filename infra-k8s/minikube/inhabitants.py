"""Who else lives in the cluster: taking it away takes all of them."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from minikube import chain

OURS = {chain.NAMESPACE, chain.MONITORING}
KINDS = "namespaces,deployments,statefulsets,daemonsets,cronjobs,jobs,pods,persistentvolumeclaims"


class Unknown(Exception):
    """The question was not answered."""


def exists() -> bool:
    """Tell whether there is a cluster at all, running or not; raise Unknown if minikube does not say."""
    profiles = _asked("minikube", "profile", "list", "--output", "json")
    return any(each["Name"] == chain.CONTEXT for each in [*profiles["valid"], *profiles["invalid"]])


def others() -> list[str]:
    """Name what is neither Kubernetes' own nor ours; raise Unknown if the cluster does not answer."""
    # First what gives up soonest.
    objects = _asked(
        *("kubectl", "--context", chain.CONTEXT, "--request-timeout", "10s"),
        *("get", KINDS, "--all-namespaces", "--output", "json"),
    )
    releases = _asked("helm", "list", "--all-namespaces", "--kube-context", chain.CONTEXT, "--output", "json")
    names = [each["name"] for each in releases]
    return [*_foreign(objects["items"]), *(f"release {name}" for name in names if name not in OURS)]


def _foreign(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Name foreign namespaces, and in `default` what belongs to nothing else there."""
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
        raise Unknown from error
