"""What measuring adds to one call of the application, without a server, a socket or a second thread."""

import contextlib
import io
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.test import create_environ

from benchmarks import subjects

# Calls in one turn, and turns in one round.
CALLS, TURNS = 200, 20
SUBJECTS = {
    "bare Flask": subjects.bare,
    "this app's measuring": subjects.counting,
    "this app's measuring and concurrency limit": subjects.instrumented,
    "prometheus_flask_exporter 0.23": subjects.exporter,
    "the same and access log": subjects.logging,
}


@contextlib.contextmanager
def _no_stdout() -> Iterator[None]:
    """Send what is written to descriptor 1 nowhere, as cheaply as a pipe that is read."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _call(app: Any, environ: dict[str, Any]) -> float:
    """Return the CPU time of a call in µs."""
    started = time.thread_time()
    for _ in range(CALLS):
        list(app({**environ, "wsgi.input": io.BytesIO()}, lambda status, headers, info=None: len))
    return 1e6 * (time.thread_time() - started) / CALLS


def calls(rounds: int, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """Compare the subjects in turns so short that what disturbs one disturbs all, each time in another order."""
    apps = [(name, make()) for name, make in SUBJECTS.items()]
    environ = create_environ("/api/info")
    taken: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(0)
    for number in range(TURNS * rounds):
        if number % TURNS == 0:
            progress(f"calls, round {number // TURNS + 1} of {rounds}")
        for name, app in chance.sample(apps, len(apps)):
            with _no_stdout():
                taken[name].append(_call(app, environ))
    bare = taken["bare Flask"]
    added = {name: [own - plain for own, plain in zip(each, bare, strict=True)] for name, each in taken.items()}
    exporter = statistics.median(added["prometheus_flask_exporter 0.23"])
    return [
        {
            "subject": name,
            "CPU µs": round(statistics.median(taken[name]), 1),
            "added µs": round(statistics.median(each), 1),
            "middle half": "{:.1f} to {:.1f}".format(*statistics.quantiles(each)[::2]),
            "of the exporter's": round(statistics.median(each) / exporter, 2),
        }
        for name, each in ((name, added[name]) for name in SUBJECTS)
    ]
