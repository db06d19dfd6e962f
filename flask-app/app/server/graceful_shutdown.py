"""Stop a worker without losing a request: first unready and still serving, then stopped.

Kubernetes removes a stopping pod from its Services at the same time as it stops it; for some seconds requests still
arrive. Meanwhile every response closes its connection, so that clients connect to another pod.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import cast

from gunicorn.workers.gthread import ThreadWorker


def install(worker: ThreadWorker, unready: dict[str, str], seconds: float, end_streams: Callable[[], None]) -> None:
    """Let SIGTERM start a drain of `seconds` of `worker`, and then call the handler that SIGTERM had before.

    `unready` are the application's reasons to get no traffic, by their cause: the drain adds one. After the drain
    `end_streams` is called, for responses that would never end by themselves.
    """
    stop = cast(Callable[[int, FrameType | None], None], signal.getsignal(signal.SIGTERM))

    def end(signum: int, frame: FrameType | None) -> None:
        end_streams()
        stop(signum, frame)

    def drain(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        unready["stopping"] = "the server is stopping"
        # With no room for kept-alive connections each response closes its own. A keep-alive time of 0 would also close
        # those that were just promised to stay open, while a request is in flight.
        worker.max_keepalived = 0
        timer = threading.Timer(seconds, end, (signum, None))
        timer.daemon = True
        timer.start()
        # Last, because a signal may interrupt another log call, and then this one fails.
        worker.log.info("Draining for %s s: unready, still serving", seconds)

    signal.signal(signal.SIGTERM, drain)
