"""The run around an examination: what goes wrong behind it prints no traceback."""

import asyncio
import logging
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from scrape_doctor import examination
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection as a port-forward does: until it is cancelled, or with an error if the peer says so."""
    if await reader.read(1) == b"!":
        raise ExceptionGroup("unhandled errors in a TaskGroup", [OSError("the pod closed the connection")])
    await asyncio.Event().wait()


async def read_over_forwards(api: object, scopes: Sequence[Scope], seconds: float) -> list[Snapshot]:
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


def test_a_connection_that_is_cut_or_cancelled_behind_a_diagnosis_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examination, "read", read_over_forwards)
    monkeypatch.setattr("kr8s.asyncio.api", connect)
    with caplog.at_level(logging.WARNING):
        (snapshot,) = examination.take_snapshots([Scope("shop", "")])
    assert snapshot.scope.namespace == "here"
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
