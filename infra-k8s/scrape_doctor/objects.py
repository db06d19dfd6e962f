"""Kubernetes objects as the API server gives them: plain JSON, and what is asked of each."""

from typing import Any

Object = dict[str, Any]


def name(thing: Object) -> str:
    """Return an object's name."""
    return str(thing["metadata"]["name"])


def namespace(thing: Object) -> str:
    """Return an object's namespace."""
    return str(thing["metadata"].get("namespace", ""))


def labels(thing: Object) -> dict[str, str]:
    """Return an object's labels."""
    return thing["metadata"].get("labels") or {}


def belongs(thing: Object, release: str, namespace_of_release: str) -> bool:
    """Tell whether Helm marked the object as the release's."""
    marks = thing["metadata"].get("annotations") or {}
    return (
        marks.get("meta.helm.sh/release-name") == release
        and marks.get("meta.helm.sh/release-namespace") == namespace_of_release
    )


def named(thing: Object, release: str) -> bool:
    """Tell whether the object's labels name the release."""
    return release in (labels(thing).get("release"), labels(thing).get("app.kubernetes.io/instance"))


def containers(pod: Object) -> list[Object]:
    """Return the specs of a pod's init containers and containers."""
    return [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]


def statuses(pod: Object) -> list[Object]:
    """Return the statuses of a pod's init containers and containers."""
    status = pod.get("status", {})
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def is_ready(pod: Object) -> bool:
    """Tell whether the pod's Ready condition is true."""
    conditions = pod["status"].get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
