"""One signal ends `make up` at any time, and nothing of it is left: also while it still brings what it needs."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import children
from local.process_group import ProcessGroup
from tests.local.conftest import MARK, Start, Up, left, running

# Stands in for a program: endless where the arguments hold a certain word, with a child that a signal may miss.
SLOW = """#!/bin/sh
case "$*" in *"{word}"*) touch "{begun}"; sleep 60 ;; esac
exec "{python}" "$@"
"""
# What make and its recipes are made of, without a Prometheus that the machine may have.
TOOLS = ("basename", "bash", "cat", "cksum", "dirname", "git", "grep", "make", "sed", "sh", "sleep", "touch", "tr")


@pytest.fixture
def slow(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that makes a program, endless at a word of its arguments."""

    def make(name: str, word: str) -> Path:
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(SLOW.format(word=word, begun=tmp_path / "begun", python=sys.executable))
        program.chmod(0o755)
        return program

    return make


@pytest.fixture(params=["own setup", "the app's setup", "download", "start"])
def phase(request: pytest.FixtureRequest, tmp_path: Path, start: Start, slow: Callable[[str, str], Path]) -> Up:
    """Return a run in the midst of a phase."""
    if request.param == "start":
        request.getfixturevalue("server")
        up = start()
        until(lambda: "gunicorn" in " ".join(running(up.mark).values()))
        return up
    if request.param == "download":
        slow("apt-get", "download")
        slow("dpkg-deb", "")
        for tool in TOOLS:
            if found := shutil.which(tool):
                (tmp_path / "bin" / tool).symlink_to(found)
        up = start(PATH=str(tmp_path / "bin"), XDG_CACHE_HOME=str(tmp_path / "cache"))
    else:
        missing = "UP_VENV" if request.param == "own setup" else "RUN_VENV"
        up = start(f"{missing}={tmp_path / 'missing'}", f"PYTHON={slow('python', '-m venv')}")
    until((tmp_path / "begun").exists)
    return up


def until(reached: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("send", "signum"),
    [
        pytest.param(os.killpg, signal.SIGINT, id="Ctrl-C"),
        pytest.param(os.killpg, signal.SIGTERM, id="SIGTERM to the group", marks=pytest.mark.long),
        pytest.param(os.killpg, signal.SIGHUP, id="closed terminal", marks=pytest.mark.long),
        pytest.param(os.kill, signal.SIGTERM, id="SIGTERM to make alone"),
    ],
)
def test_signal_leaves_no_process(phase: Up, send: Callable[[int, int], None], signum: signal.Signals) -> None:
    send(phase.process.pid, signum)
    phase.end()
    assert left(phase.mark) == {}


def test_command_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(children, "GRACE", 0.1)
    monkeypatch.setenv(MARK, mark := uuid.uuid4().hex)
    stubborn = f"trap '' TERM; touch {tmp_path}/begun; sleep 60 & wait; sleep 60"

    def interrupt() -> None:
        until((tmp_path / "begun").exists)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            children.run(["bash", "-c", stubborn])
    finally:
        signal.signal(signal.SIGINT, before)
    assert left(mark) == {}


@pytest.fixture
def signalled_at_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Send SIGTERM whenever a process has just been started and nobody knows it yet; return the processes' mark."""
    before = {each: signal.getsignal(each) for each in children.SIGNALS}
    children.interrupt_on_signals()
    started = subprocess.Popen

    def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = started(*arguments, **options)  # type: ignore[call-overload]
        os.kill(os.getpid(), signal.SIGTERM)
        return process

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setenv(MARK, mark := uuid.uuid4().hex)
    yield mark
    for each, handler in before.items():
        signal.signal(each, handler)


def test_signal_at_the_start_of_a_command_ends_it(signalled_at_start: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        children.run(["sleep", "60"])
    assert left(signalled_at_start) == {}


def test_signal_at_the_start_of_a_process_ends_the_group(signalled_at_start: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ProcessGroup() as processes:
        processes.start("endless", ["sleep", "60"], tmp_path, os.environ)
    assert left(signalled_at_start) == {}
