"""The run around an examination: what goes wrong behind it prints no traceback."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from scrape_doctor import examination
from scrape_doctor.__main__ import status
from scrape_doctor.chain import CHAIN, Examined
from scrape_doctor.examination import Examination
from scrape_doctor.finding import Finding, broken, needs, ok, waits
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


def waiting(seconds: int) -> Examination:
    finding = waits("not yet", seconds) if seconds else ok("up")
    return Examination(Scope("shop", "web"), [Examined(CHAIN[0], finding)])


@pytest.mark.parametrize(
    ("looks", "bound", "slept"),
    [
        ([[40], [20], [0]], 180, 2),
        ([[0, 40], [0, 0]], 180, 1),
        ([[40]], 0, 0),  # without --wait
        ([[40]] * 9, 12, 3),  # 5, 5 and 2 seconds, then it is left
    ],
)
def test_waiting_ends_when_everything_is_loaded_and_is_bounded(
    looks: list[list[int]], bound: float, slept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, clock, told = iter(looks), [0.0], list[str]()
    sleeps: list[float] = []
    monkeypatch.setattr("time.monotonic", lambda: clock[0] + sum(sleeps))
    monkeypatch.setattr("time.sleep", sleeps.append)
    monkeypatch.setattr(examination, "examine_all", lambda *_: [waiting(each) for each in next(answers)])
    found = examination.examine_when_loaded([], None, told.append, bound)
    assert len(sleeps) == len(told) == slept
    assert all(each.is_whole for each in found) is (bound == 180)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([ok("up")], 0),
        ([ok("up"), waits("not yet", 20)], 2),
        ([needs("list pods in namespace web")], 2),
        ([waits("not yet", 20), broken("x", "x", fix="y")], 1),
    ],
)
def test_the_exit_status_tells_broken_from_not_examined(findings: list[Finding], expected: int) -> None:
    examinations = [Examination(Scope("shop", "web"), [Examined(CHAIN[0], each)]) for each in findings]
    assert status(examinations) == expected


def test_a_connection_that_is_cut_or_cancelled_behind_a_diagnosis_prints_nothing() -> None:
    # In a process of its own, as people run it: asyncio reports what is left over when the loop ends.
    script = f"from {__name__} import examine_over_forwards; examine_over_forwards()"
    done = subprocess.run([sys.executable, "-c", script], cwd=INFRA, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("here\n", "")
