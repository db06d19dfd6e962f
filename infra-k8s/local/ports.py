"""Ports of this machine: whether one is free, and who holds it."""

import platform
import socket
from contextlib import closing

import psutil


class Unusable(Exception):
    """A port cannot be had; one line names it, why, and the way out."""


def claim(port: int, variable: str) -> None:
    """Make sure that `port` on 127.0.0.1 can be listened on.

    Raises:
        Unusable: if it cannot; `variable` is what the user sets to move it.
    """
    if reason := obstacle(port):
        raise Unusable(f"port {port} {reason} `make up {variable}=<another port>`")


def obstacle(port: int) -> str:
    """Say what keeps us from listening, the leftovers of closed connections aside; empty if nothing does."""
    taken = "is taken by {}: stop that, or"
    if answers(port):
        return taken.format(holder(port))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "takes an administrator's rights, as each below 1024 does:"
        except OSError:
            return taken.format(holder(port))
    return ""


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
