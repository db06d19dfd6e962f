"""Settings of the server, from the same environment as the application's."""

import os
import signal
import socket
import sys

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from app import affinity, draining, limits, traffic
from app import workers as processes
from app.config import Config, ConfigError

try:
    settings = Config.from_env()
except ConfigError as error:
    sys.exit(f"flask-app: {error}")

wsgi_app = "app.app:create_app()"
bind = f"[::]:{settings.port}" if socket.has_dualstack_ipv6() else f"0.0.0.0:{settings.port}"
logger_class = "app.logs.ServerLog"
loglevel = settings.log_level

# Threads, because one slow request must block no other, be it waiting or computing. There are many more than the
# requests that are worked on at once: see app/traffic.py.
worker_class = "gthread"
workers = settings.workers
threads = traffic.threads(settings)

# Longer than a load balancer's usual 60 s: the side that may still send has to be the one that closes.
keepalive = 75
graceful_timeout = settings.shutdown_timeout_seconds

# What the application itself refuses, it has to see.
limit_request_fields = limits.FIELDS
limit_request_field_size = limits.FIELD_BYTES

# The heartbeat must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Prepare what the workers share."""
    processes.begin(settings.state_dir, several=settings.workers > 1)


def post_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """Give a new worker its place among them."""
    # Until it has handlers of its own it has the server's, which would swallow the order to stop.
    for order in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(order, signal.SIG_DFL)
    processes.join()


def post_worker_init(worker: ThreadWorker) -> None:
    """Let SIGTERM drain a worker that has started, and keep its threads together."""
    draining.install(worker, settings.shutdown_drain_seconds)
    if settings.cpu_affinity:
        affinity.follow()


def worker_int(worker: ThreadWorker) -> None:
    """Leave at once when told to (Ctrl-C, SIGQUIT): an exit that is polite would wait for every busy thread."""
    os._exit(0)


def child_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Forget what a dead worker was doing, never what it has counted."""
    processes.buried()


def on_exit(server: Arbiter) -> None:
    """Leave nothing behind."""
    processes.end()
