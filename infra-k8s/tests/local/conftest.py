"""A running `make up` to look at, with a real gunicorn and a real Prometheus."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from local import prometheus

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Up:
    """A run, its ports, and what it printed so far."""

    process: subprocess.Popen[str]
    port: int
    prometheus_port: int

    def until_up(self) -> str:
        """Return what was printed until everything runs."""
        assert self.process.stdout
        printed = ""
        for line in self.process.stdout:
            printed += line
            if "Ctrl-C" in line:
                return printed
        raise AssertionError(f"never up: {printed}{self.process.stderr and self.process.stderr.read()}")

    def family(self) -> list[psutil.Process]:
        """Return every process that the run has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return exit status and standard error."""
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


def lacking(reason: str) -> None:
    """Skip for want of something; fail where nothing may be skipped."""
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
def up(app_dir: str, server: None, free_port: Callable[[], int]) -> Iterator[Up]:
    """Start everything as a script's background job does: with SIGINT ignored."""
    port, prometheus_port = free_port(), free_port()
    ports = ("--port", str(port), "--prometheus-port", str(prometheus_port))
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--app-dir", app_dir, *ports],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    run = Up(process, port, prometheus_port)
    with process:
        yield run
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def gone(processes: list[psutil.Process], seconds: float = 5) -> list[psutil.Process]:
    """Return which of `processes` still live after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (alive := [each for each in processes if each.is_running()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive
