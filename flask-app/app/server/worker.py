"""Gunicorn's worker with threads, whose log says which request a line is about."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from app.http import request_id


class Worker(ThreadWorker):
    """A worker that logs nothing more for a request once it is done with it, failures of its own included."""

    def handle(self, conn: Any) -> Any:
        """Serve a request of a connection, in a thread that serves others afterwards."""
        try:
            return super().handle(conn)
        finally:
            request_id.end()
