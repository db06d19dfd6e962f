"""A running `make up` to look at, with a real gunicorn and a real Prometheus."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from local import prometheus

REPOSITORY = Path(__file__).parents[2]
# The README's command is the workspace's; the repository alone has one as well.
WORKSPACE = Path(os.environ.get("WORKSPACE_DIR") or REPOSITORY)
MARK = "UP_TEST"

Start = Callable[..., "Up"]


@dataclass(frozen=True)
class Up:
    """A run, its ports, and the mark in the environment of all its processes."""

    process: subprocess.Popen[str]
    port: int
    prometheus_port: int
    mark: str

    def until_up(self) -> str:
        """Return what was printed until everything runs."""
        assert self.process.stdout
        printed = ""
        for line in self.process.stdout:
            printed += line
            if "Ctrl-C" in line:
                return printed
        raise AssertionError(f"never up: {printed}{self.process.stderr and self.process.stderr.read()}")

    def end(self) -> tuple[int, str]:
        """Wait for the end; return exit status and standard error."""
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


def running(mark: str) -> dict[int, str]:
    """Return number and command of every process with this mark, whose child it may be or have been."""
    found = {}
    for each in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if each.environ().get(MARK) == mark:
                found[each.pid] = " ".join(each.cmdline())
    return found


def left(mark: str, seconds: float = 3) -> dict[int, str]:
    """Return what still lives after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (found := running(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def lacking(reason: str) -> None:
    """Skip because something is missing; fail where nothing may be skipped."""
    (pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def app_dir() -> str:
    """Return the application's folder."""
    if not (found := os.environ.get("APP_DIR", "")):
        lacking("APP_DIR is not set: the application's repository is needed to run it")
    return found


@pytest.fixture(scope="session")
def server() -> None:
    """Make sure of a Prometheus."""
    try:
        prometheus.find()
    except prometheus.PrometheusMissing as error:
        lacking(str(error))


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Return a function that finds a port that nobody uses."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


@pytest.fixture
def start(app_dir: str, free_port: Callable[[], int], tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts `make up` as a script's background job is: in a group, with SIGINT ignored.

    Docker does not answer there: a Grafana of its would be downloaded for nothing.
    """
    runs: list[Up] = []
    docker = tmp_path / "no-docker" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)

    def make_up(*variables: str, **environment: str) -> Up:
        port, prometheus_port, mark = free_port(), free_port(), uuid.uuid4().hex
        ports = (f"PORT={port}", f"PROMETHEUS_PORT={prometheus_port}")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        process = subprocess.Popen(
            ["make", "up", f"APP_DIR={app_dir}", f"PYTHON={sys.executable}", *ports, *variables],
            cwd=WORKSPACE,
            env={**inherited, "PATH": f"{docker.parent}:{os.environ['PATH']}", **environment, MARK: mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
        runs.append(Up(process, port, prometheus_port, mark))
        return runs[-1]

    yield make_up
    for run in runs:
        for each in running(run.mark):
            os.kill(each, signal.SIGKILL)
        with run.process:
            pass


@pytest.fixture
def up(start: Start, server: None) -> Up:
    """Start everything."""
    return start()
