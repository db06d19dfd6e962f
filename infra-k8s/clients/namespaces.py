"""Temporary namespaces."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kr8s.objects import Namespace

OUR_LABELS = {"app.kubernetes.io/managed-by": "flask-app-proofs"}


class NamespaceTaken(RuntimeError):
    """A namespace is there already and somebody else's; the message names it and says how to make room."""


@contextmanager
def temporary_namespace(name: str, *, pod_security: str = "restricted") -> Iterator[str]:
    """Make a namespace that enforces a Pod Security Standard; it is deleted afterwards, whatever happens."""
    with temporary_namespaces(name, pod_security=pod_security):
        yield name


@contextmanager
def temporary_namespaces(*names: str, pod_security: str = "restricted") -> Iterator[None]:
    """Make several namespaces and delete them together.

    One that an interrupted run of ours left is deleted first; anybody else's is refused.
    """
    labels = {"pod-security.kubernetes.io/enforce": pod_security, **OUR_LABELS}
    wanted = [Namespace({"metadata": {"name": name, "labels": labels}}) for name in names]
    delete_all([namespace for namespace in wanted if is_left_over(namespace.name)])
    for namespace in wanted:
        Namespace({"metadata": {"name": namespace.name, "labels": labels}}).create()
    try:
        yield
    finally:
        delete_all(wanted)


def is_left_over(name: str) -> bool:
    """Return whether there is such a namespace and it is ours; raise NamespaceTaken if it is somebody else's."""
    namespace = Namespace({"metadata": {"name": name}})
    if not namespace.exists():
        return False
    namespace.refresh()
    if not OUR_LABELS.items() <= dict(namespace.labels).items():
        raise NamespaceTaken(
            f"namespace {name} exists already and these proofs did not make it: look what is in it, "
            f"then make room with: kubectl delete namespace {name}"
        )
    return True


def delete_all(namespaces: Iterable[Namespace]) -> None:
    """Delete namespaces and wait until they do not exist; raise TimeoutError if one stays."""
    there = [namespace for namespace in namespaces if namespace.exists()]
    for namespace in there:
        namespace.delete()
    deadline = time.monotonic() + 120
    while there := [namespace for namespace in there if namespace.exists()]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"namespace {there[0].name} does not go: kubectl describe namespace {there[0].name}")
        time.sleep(0.5)
