"""The WSGI middleware around the application: it gives each request its id, limits concurrency and times each response.

What it measured goes to its observers: app/metrics.py counts it, app/http/access_log.py logs it.

The server has many more threads than an application that holds the interpreter lock can use at once. So a thread is
always left for a slow client, for a probe and for a scrape, while the number of slots decides how many requests run.
Probes and scrapes are not traffic: they wait for each other only, and are measured only if something is wrong.

A short response is measured before it leaves. One that may last (a stream, a large download, a WebSocket) has a slot of
another kind meanwhile, and is measured when it ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, Self, cast

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from app.config import Config
from app.http.concurrency_limit import MAX_DOWNLOADS, MAX_PER_PROBE, MAX_STREAMS, MAX_WAITING, ConcurrencyLimiter
from app.http.exchange import UNMATCHED, Exchange, LastingBody

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROBES = frozenset({"/health", "/ready", "/metrics"})
# The answers of a probe that are no failure: an unready application answers 503.
EXPECTED_OF_PROBES = frozenset({"200", "503"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# A size with more digits is invalid, and would cost more to read the more digits it has.
MAX_SIZE_DIGITS = 18
# A body of this size fits between server and client, so that its thread is free at once whatever the client does.
SHORT_BYTES = 1 << 16

# What the middleware is told of a response: that its body is made while it is sent.
STREAMED = "app.streamed"

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Called for each request with its route, or UNMATCHED, and what was answered.

    `seconds` include the wait for a slot, `sent` is in bytes and does not include the headers. A response is `aborted`
    if the client left, or the application failed, before its end.
    """

    def __call__(
        self, environ: WSGIEnvironment, route: str, status: str, seconds: float, sent: int, aborted: bool, /
    ) -> None:
        """Record the request: before its response leaves or, if that lasts, when it ends."""


def request_bytes(environ: WSGIEnvironment, limit: int) -> int:
    """Return the announced size of a request's body in bytes; 0 if it is above `limit`: nobody reads that body."""
    text = environ.get("CONTENT_LENGTH", "")
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS else 0
    return size if size <= limit else 0


def server_threads(config: Config) -> int:
    """Return how many threads a worker of the server needs."""
    return config.threads + MAX_WAITING + MAX_STREAMS + MAX_DOWNLOADS + MAX_PER_PROBE * len(PROBES)


class RequestInstrumentation:
    """The middleware. `observers` are called for each request; event streams end once `stopping` is set."""

    def __init__(
        self,
        application: WSGIApplication,
        slots: int,
        route_of: Callable[[WSGIEnvironment], str] = lambda environ: UNMATCHED,
    ) -> None:
        self._application = application
        # For a request that was answered without a response.
        self._route_of = route_of
        self.limiter = ConcurrencyLimiter(slots, MAX_WAITING)
        self.streams = ConcurrencyLimiter(MAX_STREAMS, 0)
        self.downloads = ConcurrencyLimiter(MAX_DOWNLOADS, 0)
        self._probe_limiters = {path: ConcurrencyLimiter(1, MAX_PER_PROBE - 1) for path in PROBES}
        self.observers: list[Observer] = []
        self.stopping = threading.Event()

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Return the middleware of `app`."""
        return cast(Self, app.extensions["instrumentation"])

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        exchange = Exchange(environ, start_response, self._limiter_of)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path in PROBES and method in ("GET", "HEAD"):
            return self._serve_probe(exchange, self._probe_limiters[path])
        upgrade = "HTTP_UPGRADE" in environ and _is_websocket(environ)
        limiter = self.streams if upgrade else self.limiter
        # One more would take a thread that is kept for others, so it is refused at once.
        if not limiter.acquire():
            return self._answer(exchange, exchange.refuse(_too_busy()))
        exchange.admission = limiter
        try:
            body = self._application(environ, exchange.start)
        except BaseException as error:
            # So a WebSocket ends that has taken the connection over: there is no other response.
            if upgrade and isinstance(error, StopIteration) and not exchange.line:
                exchange.line, exchange.route = "101", self._route_of(environ)
            else:
                exchange.line = "500"  # whatever was begun: the server has sent nothing of it
            exchange.release()
            self._notify(exchange, 0, aborted=False)
            raise
        finally:
            exchange.leave()
        if exchange.refused:
            if close := getattr(body, "close", None):
                close()
            return self._answer(exchange, exchange.refuse(_too_busy()))
        if exchange.limiter:
            return LastingBody(
                exchange, body, self.stopping, lambda sent, aborted: self._notify(exchange, sent, aborted)
            )
        return self._answer(exchange, body)

    def _limiter_of(self, exchange: Exchange) -> ConcurrencyLimiter | None:
        if STREAMED not in exchange.environ and (exchange.length or 0) <= SHORT_BYTES:
            return None
        if exchange.environ["REQUEST_METHOD"] == "HEAD" or exchange.environ["PATH_INFO"] in PROBES:
            return None
        return self.streams if STREAMED in exchange.environ else self.downloads

    def _serve_probe(self, exchange: Exchange, limiter: ConcurrencyLimiter) -> Iterable[bytes]:
        if not limiter.acquire():
            return self._answer(exchange, exchange.refuse(_too_busy()))
        try:
            return self._application(exchange.environ, exchange.start)
        except BaseException:
            exchange.line = "500"
            raise
        finally:
            limiter.release()
            if exchange.status not in EXPECTED_OF_PROBES:
                self._notify(exchange, exchange.length or 0, aborted=False)

    def _answer(self, exchange: Exchange, body: Iterable[bytes]) -> Iterable[bytes]:
        """Measure a response before it leaves."""
        head = exchange.environ["REQUEST_METHOD"] == "HEAD"
        self._notify(exchange, 0 if head else exchange.length or 0, aborted=False)
        return body

    def _notify(self, exchange: Exchange, sent: int, aborted: bool) -> None:
        seconds = perf_counter() - exchange.started
        environ, route, status = exchange.environ, exchange.route, exchange.status
        for observe in self.observers:
            try:
                observe(environ, route, status, seconds, sent, aborted)
            except Exception:
                # The client gets its response all the same.
                _log.exception("an observer of requests failed")


def _is_websocket(environ: WSGIEnvironment) -> bool:
    """Tell whether it asks for a WebSocket, by werkzeug's rule: it gets no other view than one for WebSockets."""
    connection = environ.get("HTTP_CONNECTION", "").lower().split(",")
    return environ["HTTP_UPGRADE"].lower() == "websocket" and "upgrade" in map(str.strip, connection)


def _too_busy() -> ServiceUnavailable:
    return ServiceUnavailable("Too many requests wait already.", retry_after=1)


def _note(response: Response) -> Response:
    """Tell the middleware what the head of a response does not say."""
    # A file is passed through with its size, as a rule; without it nothing says how long it lasts.
    if not response.is_sequence and (not response.direct_passthrough or response.content_length is None):
        request.environ[STREAMED] = True
    return response


def _route(app: Flask, environ: WSGIEnvironment) -> str:
    try:
        rule, _ = app.url_map.bind_to_environ(environ).match(return_rule=True)
    except HTTPException:
        return UNMATCHED
    return rule.rule


def init_app(app: Flask) -> RequestInstrumentation:
    """Wrap `app` in the middleware, and return it."""
    instrumentation = RequestInstrumentation(app.wsgi_app, Config.of(app).threads, partial(_route, app))
    app.extensions["instrumentation"] = instrumentation
    app.after_request(_note)
    app.wsgi_app = instrumentation  # type: ignore[method-assign]
    return instrumentation
