"""Child processes that end with this process, and with them all that they have started.

The standard library alone, and Python 3.7: `local.bootstrap` uses it before there is a virtual environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 10.0  # seconds in which a process may end by itself: helm writes down that it was interrupted

_held = threading.Event()
_came = threading.Event()


def interrupt_on_signals() -> None:
    """Make each signal that asks to stop a KeyboardInterrupt; a script's background job starts with SIGINT ignored."""
    for each in SIGNALS:
        signal.signal(each, _interrupt)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    # make passes SIGTERM on, so that a group which got it gets it again: the second must not disturb the cleanup.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    if _held.is_set():
        _came.set()
    else:
        raise KeyboardInterrupt


@contextmanager
def held_back() -> Iterator[None]:
    """Hold the KeyboardInterrupt of a signal back to the end: whatever was started in here is known by then."""
    _held.set()
    try:
        yield
    finally:
        _held.clear()
    if _came.is_set():
        _came.clear()
        raise KeyboardInterrupt


def run(
    command: Sequence[str], *, cwd: Path | None = None, stdin: str = "", captured: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; a KeyboardInterrupt ends it with all its descendants first.

    Its session is its own, so that all of it can be reached, and a signal to our group is ours to pass on.
    """
    pipe = subprocess.PIPE if captured else None
    started: list[subprocess.Popen[str]] = []
    with ExitStack() as closing:
        try:
            with held_back():
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    stdin=subprocess.PIPE,
                    stdout=pipe,
                    stderr=pipe,
                    text=True,
                    start_new_session=True,
                )
                started.append(closing.enter_context(process))
            out, errors = process.communicate(stdin)
        except KeyboardInterrupt:
            end(started)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def end(leaders: Sequence[subprocess.Popen[str]]) -> None:
    """Stop the sessions of these processes: SIGTERM to all, then SIGKILL to what is left after GRACE."""
    for leader in leaders:
        _signal_session(leader, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for leader in leaders:
        with suppress(subprocess.TimeoutExpired):
            leader.wait(max(0.0, deadline - time.monotonic()))
    for leader in leaders:
        _signal_session(leader, signal.SIGKILL)
        leader.wait()


def _signal_session(leader: subprocess.Popen[str], signum: signal.Signals) -> None:
    # macOS calls it a matter of rights where only a zombie is left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, signum)
