"""A gunicorn to measure: its rate under load, its CPU time and its memory."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import requests

ROOT = Path(__file__).parent.parent
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SWITCHING = "import sys; sys.setswitchinterval({}); from gunicorn.app.wsgiapp import run; run()"


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]

    def load(self, seconds: float, path: str = "/api/info", connections: int = 16) -> dict[str, float]:
        """Put load on it from a process of its own; return rates, latencies, and CPU µs for each request."""
        command = [sys.executable, "-m", "benchmarks.load", str(self.port), "--path", path]
        command += ["--connections", str(connections), "--seconds", str(seconds)]
        before = self.cpu_seconds()
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        result = cast(dict[str, float], json.loads(done.stdout))
        if result["failed"]:
            raise RuntimeError(f"{result['failed']:.0f} requests failed: a rate of failures measures nothing")
        return {**result, "cpu_us": 1e6 * (self.cpu_seconds() - before) / (result["rate"] * seconds)}

    def pids(self) -> list[int]:
        """Return the server's process and its workers'."""
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _stats(self) -> list[list[str]]:
        return [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.pids()]

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes so far."""
        return sum(int(stat[11]) + int(stat[12]) for stat in self._stats()) / CLOCK_TICKS

    def memory_mebibytes(self) -> float:
        """Return the resident memory of all its processes; what they share counts once for each."""
        return sum(int(stat[21]) for stat in self._stats()) * PAGE_BYTES / (1 << 20)

    def visit(self, paths: Iterable[str]) -> None:
        """Ask for each path once."""
        with requests.Session() as session:
            for path in paths:
                assert session.get(f"http://127.0.0.1:{self.port}{path}", timeout=30).status_code == 200

    def recycle(self) -> int:
        """End all workers as gunicorn does when they have served their share; return how many successors serve."""
        workers = self.pids()[1:]
        for worker in workers:
            os.kill(worker, signal.SIGTERM)
        deadline = time.monotonic() + 30
        while len(now := self.pids()[1:]) < len(workers) or set(workers) & set(now):
            if time.monotonic() > deadline:
                raise RuntimeError("workers were not replaced within 30 seconds")
            time.sleep(0.01)
        self.visit(["/api/info"] * 6)
        return len(workers)

    def scrape(self, times: int = 15) -> tuple[float, int]:
        """Return the median time of a scrape in ms, and its size in bytes."""
        taken = []
        for _ in range(times):
            started = time.perf_counter()
            answer = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=60)
            taken.append(1000 * (time.perf_counter() - started))
            assert answer.status_code == 200
        return sorted(taken)[times // 2], len(answer.content)


@contextmanager
def serve(
    *arguments: str,
    group: Path | None = None,
    cpus: int | None = None,
    environ: Mapping[str, str] | None = None,
    switch_interval: float | None = None,
) -> Iterator[Server]:
    """Run `gunicorn ARGUMENTS`, in the control group of the file `group` if given, bound to so many `cpus` if given.

    `switch_interval`, in seconds, is how long a thread may keep the interpreter; Python's own is 0.005.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def enter() -> None:
        if cpus:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cpus])
        if group:
            group.write_text(str(os.getpid()))

    kinds: dict[str, Any] = {"stdout": subprocess.DEVNULL, "preexec_fn": enter}
    program = ["-m", "gunicorn"]
    if switch_interval:
        program = ["-c", SWITCHING.format(switch_interval)]
    process = subprocess.Popen(
        [sys.executable, *program, "--bind", f"127.0.0.1:{port}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        **kinds,
    )
    try:
        _wait(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server that was to be measured did not start")
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=10)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("the server that was to be measured did not answer")


def gunicorn(subject: str, workers: int, threads: int, *more: str) -> Sequence[str]:
    """Return the arguments that start a subject on settings that are the same for all."""
    config = ROOT / "benchmarks" / "gunicorn.conf.py"
    common = ["--config", str(config), "--worker-class", "gthread", "--workers", str(workers)]
    return [*common, "--threads", str(threads), *more, f"benchmarks.subjects:{subject}()"]
