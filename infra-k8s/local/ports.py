"""Ports of this machine: whether one is free, and who holds it."""

import platform
import socket
from contextlib import closing

import psutil


class Taken(Exception):
    """A port is in use; one line names it, its holder if that can be known, and the way out."""


def claim(port: int, variable: str) -> None:
    """Make sure that `port` on 127.0.0.1 can be listened on.

    Raises:
        Taken: if it cannot; `variable` is what the user sets to move it.
    """
    if answers(port) or not bindable(port):
        raise Taken(f"port {port} is taken by {holder(port)}: stop that, or `make up {variable}=<another port>`")


def answers(port: int) -> bool:
    """Tell whether something accepts connections, which on macOS a successful bind does not rule out."""
    return any(reached(host, port) for host in ("127.0.0.1", "::1"))


def reached(host: str, port: int) -> bool:
    """Tell whether a connection comes about."""
    try:
        with closing(socket.create_connection((host, port), timeout=1)):
            return True
    except OSError:
        return False


def bindable(port: int) -> bool:
    """Tell whether we may listen, the leftovers of closed connections aside."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Name the process that listens on `port`, as far as the system lets us know."""
    for process in psutil.process_iter(["name"]):
        try:
            connections = process.net_connections(kind="tcp")
        except psutil.Error:
            continue
        if any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections):
            return f"{process.info['name']} (process {process.pid})"
    if platform.system() == "Darwin" and port == 5000:
        return "AirPlay Receiver, it seems (System Settings, General, AirDrop & Handoff)"
    return "a process of another user"
