"""Settings that all subjects of a comparison share; what differs comes as arguments and BENCH_ variables."""

import os
import signal
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from app.server import worker_slots

control_socket_disable = True
keepalive = 75
loglevel = "error"
worker_tmp_dir = "/dev/shm"

_slots = os.environ.get("BENCH_SLOTS")


def on_starting(server: Arbiter) -> None:
    """Prepare what this application's workers share."""
    if _slots:
        worker_slots.prepare(Path(_slots), server.cfg.workers)


def post_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """Give a worker its slot, where slots are what is measured."""
    # Until it has a handler of its own it has the server's, which would ignore the signal to stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _slots:
        worker_slots.claim_slot()


def child_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Clean up as each subject's manual says."""
    if _slots:
        worker_slots.release_dead_slots()
    elif "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
