"""Ports of this machine: whether one is free, and which process uses it."""

import platform
import socket
from contextlib import closing

import psutil


class Unusable(Exception):
    """A port cannot be used; the message names it, the reason, and how to choose another one."""


def require_free(port: int, variable: str) -> None:
    """Raise Unusable unless a server can listen on `port` of 127.0.0.1; `variable` is what sets another port."""
    if reason := problem(port):
        raise Unusable(f"port {port} {reason} `make up {variable}=<another port>`")


def problem(port: int) -> str:
    """Return why no server can listen on the port; empty if one can. Connections in TIME_WAIT do not count."""
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
    """Return whether a server accepts connections; on macOS a successful bind does not rule that out."""
    return any(accepts(host, port) for host in ("127.0.0.1", "::1"))


def accepts(host: str, port: int) -> bool:
    """Return whether a connection can be opened."""
    try:
        with closing(socket.create_connection((host, port), timeout=1)):
            return True
    except OSError:
        return False


def holder(port: int) -> str:
    """Return the name of the process that listens on `port`, as far as this user may know it."""
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
