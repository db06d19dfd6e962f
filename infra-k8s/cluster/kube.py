"""The Kubernetes API: namespaces that go away again, pods, port-forwards, and what the cluster says of a failure."""

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import kr8s
from kr8s.objects import Event, Namespace, Pod, Service
from kr8s.portforward import PortForward

OURS = {"app.kubernetes.io/managed-by": "flask-app-proofs"}
SELECTOR = {"app.kubernetes.io/name": "flask-app", "app.kubernetes.io/instance": "flask-app"}


class Occupied(RuntimeError):
    """A namespace is there already and somebody else's; the message names it and says how to make room."""


@contextmanager
def temporary_namespace(name: str, *, pod_security: str = "restricted") -> Iterator[str]:
    """Make a namespace that enforces a Pod Security Standard; it is gone afterwards, whatever happened."""
    with temporary_namespaces(name, pod_security=pod_security):
        yield name


@contextmanager
def temporary_namespaces(*names: str, pod_security: str = "restricted") -> Iterator[None]:
    """Make several namespaces and take them away together.

    What an interrupted run of ours left behind is cleared away first; a namespace of anybody else's is refused.
    """
    labels = {"pod-security.kubernetes.io/enforce": pod_security, **OURS}
    wanted = [Namespace({"metadata": {"name": name, "labels": labels}}) for name in names]
    clear([namespace for namespace in wanted if left_behind(namespace.name)])
    for namespace in wanted:
        Namespace({"metadata": {"name": namespace.name, "labels": labels}}).create()
    try:
        yield
    finally:
        clear(wanted)


def left_behind(name: str) -> bool:
    """Tell whether there is such a namespace and it is ours; raise Occupied if it is somebody else's."""
    namespace = Namespace({"metadata": {"name": name}})
    if not namespace.exists():
        return False
    namespace.refresh()
    if not OURS.items() <= dict(namespace.labels).items():
        raise Occupied(
            f"namespace {name} exists already and these proofs did not make it: look what is in it, "
            f"then make room with: kubectl delete namespace {name}"
        )
    return True


def clear(namespaces: Iterable[Namespace]) -> None:
    """Delete namespaces and wait until they are gone; raise TimeoutError if something holds one."""
    there = [namespace for namespace in namespaces if namespace.exists()]
    for namespace in there:
        namespace.delete()
    deadline = time.monotonic() + 120
    while there := [namespace for namespace in there if namespace.exists()]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"namespace {there[0].name} does not go: kubectl describe namespace {there[0].name}")
        time.sleep(0.5)


def kubectl(*arguments: str, given: object = None) -> str:
    """Run kubectl, `given` as JSON on its input; return what it printed, or raise RuntimeError with its words."""
    stdin = None if given is None else json.dumps(given)
    done = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, input=stdin)
    if done.returncode != 0:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def pods(namespace: str) -> list[Pod]:
    """Return the application's pods that are not on their way out."""
    found = [pod for pod in Pod.list(namespace=namespace, label_selector=SELECTOR) if isinstance(pod, Pod)]
    return [pod for pod in found if "deletionTimestamp" not in pod.metadata]


def ready(pod: Pod) -> bool:
    """Say whether the pod's Ready condition holds."""
    conditions = pod.status.get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


@contextmanager
def forward(namespace: str, service: str, port: int) -> Iterator[str]:
    """Forward a port of 127.0.0.1 to a service's pod and yield its URL."""
    target = Service.get(service, namespace=namespace)
    with ExitStack() as stack:
        yield f"http://127.0.0.1:{opened(stack, lambda: target.portforward(remote_port=port, local_port='auto'))}"


def opened(stack: ExitStack, tunnel: Callable[[], PortForward]) -> int:
    """Open a port-forward and return its local port; one that is taken by now costs another of ten tries."""
    for _ in range(9):
        with suppress(OSError):
            return int(stack.enter_context(tunnel()))
    return int(stack.enter_context(tunnel()))


def said(namespace: str) -> str:
    """Return what the cluster said about a namespace: pods, warnings, last log lines."""
    lines = []
    found = [pod for pod in Pod.list(namespace=namespace) if isinstance(pod, Pod)]
    for pod in found:
        statuses = pod.status.get("containerStatuses", [])
        states = [f"{s['name']}: ready={s['ready']} restarts={s['restartCount']} {s['state']}" for s in statuses]
        lines.append(f"pod {pod.name} {pod.status.get('phase')} {'; '.join(states)}")
    events = [event for event in Event.list(namespace=namespace) if isinstance(event, Event)]
    for event in events:
        if event.raw.get("type") == "Warning":
            lines.append(f"event {event.raw['involvedObject'].get('name')}: {event.raw.get('message')}")
    for pod in found:
        try:
            log = list(pod.logs(tail_lines=5))
        except (kr8s.ServerError, kr8s.NotFoundError) as error:
            log = [f"no log: {error}"]
        lines += [f"log {pod.name}: {line}" for line in log]
    return "\n".join(lines) or "the namespace is empty"
