"""Settings of the server, from the same environment as the application's."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import cast

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from app.config import Config, ConfigError
from app.health import Health
from app.http import limits
from app.http.instrumentation import RequestInstrumentation, server_threads
from app.server import cpu_affinity, graceful_shutdown, instruments, reloading, worker_slots

try:
    settings = Config.from_env()
except ConfigError as error:
    sys.exit(f"flask-app: {error}")

wsgi_app = "app.app:create_app()"
bind = f"[::]:{settings.port}" if socket.has_dualstack_ipv6() else f"0.0.0.0:{settings.port}"
logger_class = "app.server.json_logging.ServerLog"
loglevel = settings.log_level

# Threads, because one slow request must block no other, whether it waits or computes. There are many more than the
# requests that are worked on at once: see app/http/instrumentation.py.
worker_class = "app.server.worker.Worker"
workers = settings.workers
threads = server_threads(settings)

# Longer than a load balancer's usual 60 s: the side that may still send has to be the one that closes.
keepalive = 75
graceful_timeout = settings.shutdown_timeout_seconds

# A request that the application refuses has to reach it.
limit_request_fields = limits.FIELDS
limit_request_field_size = limits.FIELD_BYTES

# Which proxies are trusted is decided in one place, by TRUSTED_PROXIES: see app/http/proxy.py.
forwarded_allow_ips = ""

# The heartbeat must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True

# Of `--reload`, beside all Python modules.
reload_extra_files = [str(path) for path in Path(__file__).parent.glob("templates/*")]


# One byte, for the first worker that refuses to start: a second one that ends with WORKER_BOOT_ERROR while the server
# already stops would end it with a traceback.
first_refusal, _put = os.pipe()
os.set_blocking(first_refusal, False)
os.write(_put, b"1")


def _check_instruments() -> None:
    try:
        instruments.check_shareable()
    except ConfigError as error:
        try:
            os.read(first_refusal, 1)
        except BlockingIOError:
            signal.pause()  # until the server stops this worker
            os._exit(0)
        print(f"flask-app: {error}", file=sys.stderr)
        sys.exit(Arbiter.WORKER_BOOT_ERROR)  # which makes the server stop where a worker ends with it


def on_starting(server: Arbiter) -> None:
    """Prepare what the workers share."""
    if server.cfg.workers > 1:  # which `gunicorn --workers` may set too
        _check_instruments()
    worker_slots.prepare(settings.state_dir, server.cfg.workers)


def post_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """Give a new worker its slot."""
    # Until it has handlers of its own it has the server's, which would ignore the signal to stop.
    for each in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)
    worker_slots.claim_slot()
    if server.cfg.reload:
        reloading.forget_application()


def post_worker_init(worker: ThreadWorker) -> None:
    """Let SIGTERM drain a worker that has started, and keep its threads on one CPU."""
    if worker.cfg.workers > 1:
        _check_instruments()  # again, for those that the application declares while it is made
    app = cast(Flask, worker.wsgi)
    unready, end_streams = Health.of(app).unready, RequestInstrumentation.of(app).stopping.set
    graceful_shutdown.install(worker, unready, settings.shutdown_drain_seconds, end_streams)
    if settings.cpu_affinity:
        cpu_affinity.start()


def worker_int(worker: ThreadWorker) -> None:
    """Stop at once on Ctrl-C and SIGQUIT: a normal exit would wait for every busy thread."""
    os._exit(0)


def child_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Reset the in-progress counts of a dead worker; what it counted stays."""
    worker_slots.release_dead_slots()


def on_exit(server: Arbiter) -> None:
    """Remove what the workers shared."""
    worker_slots.clean_up()
