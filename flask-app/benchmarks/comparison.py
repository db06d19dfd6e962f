"""What measuring costs: the same application with and without, in turns, so that a noisy machine is noisy to all."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.budget import budget
from benchmarks.server import ROOT, gunicorn, serve

Row = dict[str, Any]
Progress = Callable[[str], None]

# name, subject, further arguments for gunicorn
SUBJECTS = (
    ("bare Flask", "bare", ()),
    ("this app's measuring", "instrumented", ()),
    ("prometheus_flask_exporter 0.23", "exporter", ()),
    ("bare Flask, gunicorn's access log", "bare", ("--access-logfile", "-")),
    ("this app's measuring and access log", "logging", ()),
)


def _environ(subject: str, directory: str) -> dict[str, str]:
    """Return the environment in which several workers share `directory`, as the subject's manual says."""
    if subject in ("instrumented", "logging"):
        return {"BENCH_SLOTS": directory}
    return {"PROMETHEUS_MULTIPROC_DIR": directory} if subject == "exporter" else {}


def cost(workers: int, rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Compare rate, CPU time and memory at `workers` × 4 threads; medians of `rounds`."""
    measured: dict[str, list[Row]] = defaultdict(list)
    for number in range(rounds):
        for name, subject, more in SUBJECTS:
            progress(f"{workers} × 4 threads, round {number + 1} of {rounds}: {name}")
            with tempfile.TemporaryDirectory() as directory:
                environ = _environ(subject, directory) if workers > 1 else {}
                # As many CPUs as workers: else threads fight over the interpreter, and that is all one measures.
                with serve(*gunicorn(subject, workers, 4, *more), environ=environ, cpus=workers) as server:
                    server.load(min(1.0, seconds))
                    measured[name].append({**server.load(seconds), "memory": server.memory_mebibytes()})
    bare = measured["bare Flask"]
    return [
        {
            "settings": f"{workers} × 4",
            "subject": name,
            "requests/s": round(_median(rows, "rate")),
            "of bare": _ratio(rows, bare, "rate"),
            "by CPU time": _ratio(bare, rows, "cpu_us"),
            "CPU µs": round(_median(rows, "cpu_us")),
            "p99 ms": round(_median(rows, "p99"), 1),
            "MiB": round(_median(rows, "memory"), 1),
        }
        for name, rows in measured.items()
    ]


def _ratio(rows: list[Row], base: list[Row], key: str) -> str:
    """Return the median of the ratios within each round, and the least and the greatest."""
    ratios = [row[key] / other[key] for row, other in zip(rows, base, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _median(rows: list[Row], key: str) -> float:
    return float(statistics.median(row[key] for row in rows))


def paths(counts: tuple[int, ...], progress: Progress) -> list[Row]:
    """Return time and size of a scrape after so many distinct paths."""
    rows = []
    for name, subject, more in SUBJECTS[1:3]:
        with serve(*gunicorn(subject, 1, 4, *more)) as server:
            done = 0
            for count in counts:
                progress(f"{name}: {count} distinct paths")
                server.visit(f"/item/{number}" for number in range(done, count))
                done = count
                ms, size = server.scrape()
                rows.append({"after": f"{count} paths", "subject": name, "ms": round(ms, 1), "bytes": size})
    return rows


def recycled(counts: tuple[int, ...], progress: Progress) -> list[Row]:
    """Return time and size of a scrape, and the files behind it, after so many workers of 2 × 4 have been replaced."""
    rows = []
    for name, subject, more in SUBJECTS[1:3]:
        with (
            tempfile.TemporaryDirectory() as directory,
            serve(*gunicorn(subject, 2, 4, *more), environ=_environ(subject, directory)) as server,
        ):
            done = 0
            for count in counts:
                progress(f"{name}: {count} recycled workers")
                while done < count:
                    done += server.recycle()
                ms, size = server.scrape()
                files = len(list(Path(directory).iterdir()))
                rows.append(
                    {
                        "after": f"{done} workers",
                        "subject": name,
                        "ms": round(ms, 1),
                        "bytes": size,
                        "files": files,
                    }
                )
    return rows


@dataclass(frozen=True)
class Candidate:
    """A way to serve the application: arguments of gunicorn, environment, CPUs bound to, switch interval in seconds."""

    name: str
    arguments: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    bound: int | None = None
    switch_interval: float | None = None


_CONFIG = ("--config", str(ROOT / "benchmarks" / "gunicorn.conf.py"))
_ONE = (*_CONFIG, "--worker-class", "gthread", "--workers", "1", "--threads", "4", "benchmarks.subjects:complete()")
PLAIN = Candidate("gthread, 1 × 4", _ONE)
BOUND = Candidate("the same bound to one CPU", _ONE, bound=1)
SHIPPED = Candidate("shipped", environ={"WEB_CONCURRENCY": "1"})
CANDIDATES = (
    PLAIN,
    BOUND,
    SHIPPED,
    Candidate("shipped, 4 threads", environ={"WEB_CONCURRENCY": "1", "THREADS": "4"}),
    Candidate("shipped, 16 threads", environ={"WEB_CONCURRENCY": "1", "THREADS": "16"}),
    Candidate("shipped, switch interval 1 ms", environ={"WEB_CONCURRENCY": "1"}, switch_interval=0.001),
    Candidate("shipped, switch interval 20 ms", environ={"WEB_CONCURRENCY": "1"}, switch_interval=0.02),
    Candidate("shipped, 2 workers", environ={"WEB_CONCURRENCY": "2"}),
)


def settings(cpus: float, rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Compare the shipped settings with one `gunicorn -k gthread --threads 4` worker on a budget of `cpus`."""
    return _served(CANDIDATES, f"{cpus:g} CPU", cpus, rounds, seconds, progress)


def neighbour(rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Compare them on two CPUs while another process computes on the first, as on a node that many pods share."""
    with busy(cpu=min(os.sched_getaffinity(0))):
        return _served((PLAIN, BOUND, SHIPPED), "beside a neighbour", 2, rounds, seconds, progress)


@contextmanager
def busy(cpu: int) -> Iterator[None]:
    """Keep a CPU busy with a process of its own."""
    spin = f"import os; os.sched_setaffinity(0, {{{cpu}}})\nwhile True: pass"
    process = subprocess.Popen([sys.executable, "-c", spin])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _served(
    candidates: Sequence[Candidate], where: str, cpus: float, rounds: int, seconds: float, progress: Progress
) -> list[Row]:
    measured: dict[str, list[Row]] = defaultdict(list)
    with budget(cpus) as group:
        for number in range(rounds):
            for each in candidates:
                progress(f"{where}, round {number + 1} of {rounds}: {each.name}")
                environ = {"ACCESS_LOG": "false", **each.environ}
                with serve(
                    *each.arguments,
                    group=group,
                    cpus=each.bound,
                    environ=environ,
                    switch_interval=each.switch_interval,
                ) as server:
                    server.load(min(1.0, seconds))
                    measured[each.name].append(server.load(seconds))
    base = measured[PLAIN.name]
    return [
        {
            "where": where,
            "settings": name,
            "requests/s": round(_median(rows, "rate")),
            "of 1 × 4": _ratio(rows, base, "rate"),
            "CPU µs": round(_median(rows, "cpu_us")),
            "p50 ms": round(_median(rows, "p50"), 1),
            "p99 ms": round(_median(rows, "p99"), 1),
        }
        for name, rows in measured.items()
    ]
