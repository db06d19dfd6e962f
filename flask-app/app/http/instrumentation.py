"""The WSGI middleware around the application: it gives each request its id, limits concurrency and times each response.

What it measured goes to its observers: app/metrics.py counts it, app/http/access_log.py logs it.

The server has many more threads than an application that holds the interpreter lock can use at once. So a thread is
always left for a slow client, for a probe and for a scrape, while the number of slots decides how many requests run.
Probes and scrapes are not traffic: they wait for each other only, and are measured only if something is wrong.
"""

# Without this the annotations of `start` would be evaluated for each request: 2 µs, as much as measuring it.
from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.http import parse_accept_header

from app.config import Config
from app.http import errors, request_id, security_headers
from app.http.concurrency_limit import MAX_PER_PROBE, MAX_WAITING, ConcurrencyLimiter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROBES = frozenset({"/health", "/ready", "/metrics"})
# The answers of a probe that are no failure: an unready application answers 503.
EXPECTED_OF_PROBES = frozenset({"200", "503"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The route of a request that matches none.
UNMATCHED = "unmatched"

# A size with more digits is invalid, and would cost more to read the more digits it has.
MAX_SIZE_DIGITS = 18

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Called for each request with its route, or UNMATCHED, and what was answered.

    `seconds` include the wait for a slot, `sent` is in bytes and does not include the headers.
    """

    def __call__(self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int, /) -> None:
        """Record the request before its response leaves."""


def request_bytes(environ: WSGIEnvironment, limit: int) -> int:
    """Return the announced size of a request's body in bytes; 0 if it is above `limit`: nobody reads that body."""
    text = environ.get("CONTENT_LENGTH", "")
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS else 0
    return size if size <= limit else 0


def server_threads(config: Config) -> int:
    """Return how many threads a worker of the server needs."""
    return config.threads + MAX_WAITING + MAX_PER_PROBE * len(PROBES)


class RequestInstrumentation:
    """The middleware. `observers` are called for each request before its response leaves."""

    def __init__(self, application: WSGIApplication, slots: int) -> None:
        self._application = application
        self.limiter = ConcurrencyLimiter(slots, MAX_WAITING)
        self._probe_limiters = {path: ConcurrencyLimiter(1, MAX_PER_PROBE - 1) for path in PROBES}
        self.observers: list[Observer] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        probe = path in PROBES and method in ("GET", "HEAD")
        limiter = self._probe_limiters[path] if probe else self.limiter
        started = perf_counter()
        identity = request_id.begin(environ)
        status, route, sent = "500", UNMATCHED, 0

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status, route, sent
            status, sent = line[:3], 0 if method == "HEAD" else _content_length(headers)
            # Read now, because Flask drops the request before it returns.
            if (request := environ.get("werkzeug.request")) and request.url_rule:
                route = request.url_rule.rule
            if not any(len(name) == 12 and name.lower() == "x-request-id" for name, _ in headers):
                headers.append((request_id.HEADER, identity))
            return start_response(line, headers, exc_info)

        try:
            # One more would take a thread that is kept for others, so it is refused at once.
            if not limiter.acquire():
                probe = False
                return _too_busy(environ, start)
            try:
                return self._application(environ, start)
            finally:
                limiter.release()
        finally:
            if not (probe and status in EXPECTED_OF_PROBES):
                self._notify(environ, route, status, perf_counter() - started, sent)

    def _notify(self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int) -> None:
        for observe in self.observers:
            try:
                observe(environ, route, status, seconds, sent)
            except Exception:
                # The client gets its response nevertheless.
                _log.exception("an observer of requests failed")


def _content_length(headers: list[tuple[str, str]]) -> int:
    for name, value in headers:
        if name == "Content-Length":
            return int(value)
    return 0


def _too_busy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    accept = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    error = ServiceUnavailable("Too many requests wait already.", retry_after=1)
    return security_headers.add(errors.render(error, accept))(environ, start_response)


def init_app(app: Flask) -> RequestInstrumentation:
    """Wrap `app` in the middleware, and return it."""
    instrumentation = RequestInstrumentation(app.wsgi_app, Config.of(app).threads)
    app.wsgi_app = instrumentation  # type: ignore[method-assign]
    return instrumentation
