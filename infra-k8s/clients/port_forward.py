"""Port-forwards into the cluster."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from kr8s.objects import Service
from kr8s.portforward import PortForward


@contextmanager
def port_forward(namespace: str, service: str, port: int) -> Iterator[str]:
    """Forward a port of 127.0.0.1 to a service's pod and yield its URL."""
    target = Service.get(service, namespace=namespace)
    with ExitStack() as stack:
        yield f"http://127.0.0.1:{open_port(stack, lambda: target.portforward(remote_port=port, local_port='auto'))}"


def open_port(stack: ExitStack, tunnel: Callable[[], PortForward]) -> int:
    """Open a port-forward and return its local port; one that is taken by now costs another of ten tries."""
    for _ in range(9):
        with suppress(OSError):
            return int(stack.enter_context(tunnel()))
    return int(stack.enter_context(tunnel()))
