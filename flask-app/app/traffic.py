"""A request's way in and out: admitted by a free slot, measured in one place as it leaves.

The server has many more threads than an application that holds the interpreter lock can use at once. So a thread is
always left for a slow sender, for a probe and for a scrape, while `slots` decides how many requests are worked on.
Probes and scrapes are not traffic: they wait for nothing and are not measured.
"""

# Else the annotations of `note` would be made anew for each request: 2 µs, as much as measuring it.
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask

from app.config import Config
from app.gate import Gate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROBES = frozenset({"/health", "/ready", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"

# Requests that may wait for a slot. The server's threads are these, the slots and RESERVED.
WAITING = 256
RESERVED = 8

# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII)
BUSY = b'{"detail":"Too many requests wait already.","error":"Service Unavailable","status":503}\n'


class Observer(Protocol):
    """Told of each request: its route or UNMATCHED, and what was answered.

    `seconds` include the wait for a slot, `sent` is in bytes and includes no headers.
    """

    def __call__(self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int, /) -> None:
        """Take note of it."""


def request_bytes(environ: WSGIEnvironment) -> int:
    """Return the size of a request's body as it was announced."""
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isascii() and text.isdigit() else 0


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
        self.observers: list[Observer] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if environ["PATH_INFO"] in PROBES:
            return self._application(environ, start_response)
        started = perf_counter()
        status, route, sent = "500", UNMATCHED, 0

        def note(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status, route, sent
            status, sent = line[:3], _size(headers)
            # Asked now, because Flask forgets the request before it returns.
            if (request := environ.get("werkzeug.request")) and request.url_rule:
                route = request.url_rule.rule
            return start_response(line, headers, exc_info)

        try:
            # One more would take a thread that is kept for probes: saying so at once is the kinder answer.
            if not self.gate.enter():
                return _busy(note)
            try:
                return self._application(environ, note)
            finally:
                self.gate.leave()
        finally:
            seconds = perf_counter() - started
            for observe in self.observers:
                observe(environ, route, status, seconds, sent)


def _size(headers: list[tuple[str, str]]) -> int:
    for name, value in headers:
        if name == "Content-Length":
            return int(value)
    return 0


def _busy(start_response: Callable[..., object]) -> Iterable[bytes]:
    length = str(len(BUSY))
    start_response(
        "503 Service Unavailable",
        [("Content-Type", "application/json"), ("Content-Length", length), ("Retry-After", "1")],
    )
    return [BUSY]


def init_app(app: Flask) -> Traffic:
    """Put the layer around `app` and return it."""
    traffic = Traffic(app.wsgi_app, Config.of(app).threads)
    app.wsgi_app = traffic  # type: ignore[method-assign]
    return traffic
