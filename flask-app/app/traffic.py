"""A request's way in and out: admitted by a free slot, measured in one place as it leaves.

The server has many more threads than an application that holds the interpreter lock can use at once. So a thread is
always left for a slow sender, for a probe and for a scrape, while `slots` decides how many requests are worked on.
Probes and scrapes are not traffic: they wait for each other only, and are not measured unless something is wrong.
"""

# Else the annotations of `note` would be made anew for each request: 2 µs, as much as measuring it.
from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.http import parse_accept_header

from app import errors, headers
from app.config import Config
from app.gate import Gate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROBES = frozenset({"/health", "/ready", "/metrics"})
# What they answer when all is well: that an application is unready is no failure.
WELL = frozenset({"200", "503"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"

# Requests that may wait for a slot, and how many may ask for the same probe at once, all but one of them waiting: a
# flood of scrapes must not take the threads of those that keep the process alive. The server's threads are these, the
# slots and RESERVED.
WAITING = 256
AT_ONCE = 8
RESERVED = AT_ONCE * len(PROBES)

# A size that has more digits is no size, and would cost more to read the more there are.
SIZE_DIGITS = 18

# https://www.w3.org/TR/trace-context/#traceparent-header
# Version ff is none, and of version 00 nothing follows the flags.
TRACEPARENT = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII
)

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Told of each request: its route or UNMATCHED, and what was answered.

    `seconds` include the wait for a slot, `sent` is in bytes and includes no headers.
    """

    def __call__(self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int, /) -> None:
        """Take note of it before the response leaves."""


def request_bytes(environ: WSGIEnvironment, most: int) -> int:
    """Return the size of a request's body as it was announced; 0 if it is above `most`: then nobody reads it."""
    text = environ.get("CONTENT_LENGTH", "")
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= SIZE_DIGITS else 0
    return size if size <= most else 0


def trace_id(environ: WSGIEnvironment) -> str:
    """Return the trace that a request is part of; "" if unknown."""
    match = TRACEPARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    return match[1] if match else ""


def threads(config: Config) -> int:
    """Return how many threads a worker of the server needs."""
    return config.threads + WAITING + RESERVED


class Traffic:
    """The WSGI layer around an application. `observers` are told of each request before its response leaves."""

    def __init__(self, application: WSGIApplication, slots: int) -> None:
        self._application = application
        self.gate = Gate(slots, WAITING)
        self._probes = {path: Gate(1, AT_ONCE - 1) for path in PROBES}
        self.observers: list[Observer] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        probe = path in PROBES and method in ("GET", "HEAD")
        gate = self._probes[path] if probe else self.gate
        started = perf_counter()
        status, route, sent = "500", UNMATCHED, 0

        def note(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status, route, sent
            status, sent = line[:3], 0 if method == "HEAD" else _size(headers)
            # Asked now, because Flask forgets the request before it returns.
            if (request := environ.get("werkzeug.request")) and request.url_rule:
                route = request.url_rule.rule
            return start_response(line, headers, exc_info)

        try:
            # One more would take a thread that is kept for others: saying so at once is the kinder answer.
            if not gate.enter():
                probe = False
                return _busy(environ, note)
            try:
                return self._application(environ, note)
            finally:
                gate.leave()
        finally:
            if not (probe and status in WELL):
                self._tell(environ, route, status, perf_counter() - started, sent)

    def _tell(self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int) -> None:
        for observe in self.observers:
            try:
                observe(environ, route, status, seconds, sent)
            except Exception:
                # The client is owed its answer all the same.
                _log.exception("a request could not be noted")


def _size(headers: list[tuple[str, str]]) -> int:
    for name, value in headers:
        if name == "Content-Length":
            return int(value)
    return 0


def _busy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    accept = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    error = ServiceUnavailable("Too many requests wait already.", retry_after=1)
    return headers.add(errors.render(error, accept))(environ, start_response)


def init_app(app: Flask) -> Traffic:
    """Put the layer around `app` and return it."""
    traffic = Traffic(app.wsgi_app, Config.of(app).threads)
    app.wsgi_app = traffic  # type: ignore[method-assign]
    return traffic
