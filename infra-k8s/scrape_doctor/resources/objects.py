"""What every Kubernetes object has: name, namespace, labels, marks of the Helm release that made it."""

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


def annotations(thing: Object) -> dict[str, str]:
    """Return an object's annotations."""
    return thing["metadata"].get("annotations") or {}


def kind_word(thing: Object) -> str:
    """Return an object's kind as kubectl takes it: `deployment`, `servicemonitor`."""
    return str(thing["kind"]).lower()


def owner(thing: Object) -> str:
    """Return the name of the object that made this one; empty if none did."""
    owners = thing["metadata"].get("ownerReferences") or [{}]
    return str(owners[0].get("name", ""))


def made_by_helm(thing: Object, release: str, namespace_of_release: str) -> bool:
    """Tell whether Helm marked the object as the release's."""
    marks = annotations(thing)
    return (
        marks.get("meta.helm.sh/release-name") == release
        and marks.get("meta.helm.sh/release-namespace") == namespace_of_release
    )


def labelled_with_release(thing: Object, release: str) -> bool:
    """Tell whether the object's labels name the release."""
    return release in (labels(thing).get("release"), labels(thing).get("app.kubernetes.io/instance"))
