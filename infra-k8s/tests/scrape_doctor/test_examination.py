"""The run around an examination: what goes wrong behind it prints no traceback."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from scrape_doctor import examination
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

INFRA = Path(__file__).resolve().parents[2]


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection as a port-forward does: until it is cancelled, or with an error if the peer says so."""
    if await reader.read(1) == b"!":
        raise ExceptionGroup("unhandled errors in a TaskGroup", [OSError("the pod closed the connection")])
    await asyncio.Event().wait()


async def read_over_forwards(api: object, scopes: Sequence[Scope], *__: object) -> list[Snapshot]:
    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for byte in (b"!", b"."):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(byte)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
    server.close()
    return [Snapshot(scope) for scope in scopes]


async def connect(context: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(namespace="here")


def examine_over_forwards() -> None:
    """Take a snapshot over connections that are cut and cancelled, and print its namespace."""
    with mock.patch.object(examination, "read", read_over_forwards), mock.patch("kr8s.asyncio.api", connect):
        (snapshot,) = examination.take_snapshots([Scope("shop", "")])
    print(snapshot.scope.namespace)


def test_a_connection_that_is_cut_or_cancelled_behind_a_diagnosis_prints_nothing() -> None:
    # In a process of its own, as people run it: asyncio reports what is left over when the loop ends.
    script = f"from {__name__} import examine_over_forwards; examine_over_forwards()"
    done = subprocess.run([sys.executable, "-c", script], cwd=INFRA, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("here\n", "")
