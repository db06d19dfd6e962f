"""The stop of a worker without a request lost: unready first, still serving for a while, then out.

Kubernetes takes a stopping pod out of its Services at the same time as it stops it; for some seconds requests still
arrive. Meanwhile every response closes its connection, so that clients go elsewhere of themselves.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import cast

from flask import Flask
from gunicorn.workers.gthread import ThreadWorker

from app.health import Health


def install(worker: ThreadWorker, seconds: float) -> None:
    """Let SIGTERM begin a drain of `seconds` of `worker`; what SIGTERM did before follows."""
    stop = cast(Callable[[int, FrameType | None], None], signal.getsignal(signal.SIGTERM))

    def drain(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Health.of(cast(Flask, worker.wsgi)).unready["stopping"] = "the server is stopping"
        # With no room for kept-alive connections each response closes its own. Setting the keep-alive time to 0 would
        # also close those that were promised to stay open a moment ago, under a request that is on its way.
        worker.max_keepalived = 0
        timer = threading.Timer(seconds, stop, (signum, None))
        timer.daemon = True
        timer.start()
        # Last, because a signal may come in the middle of another line of the log, which fails.
        worker.log.info("Draining for %s s: unready, still serving", seconds)

    signal.signal(signal.SIGTERM, drain)
