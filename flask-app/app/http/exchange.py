"""One request and its response, from its arrival until nothing more of the response is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.http import parse_accept_header

from app.http import errors, request_id, security_headers
from app.http.concurrency_limit import ConcurrencyLimiter

if TYPE_CHECKING:
    from threading import Event

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# The route of a request that matches none.
UNMATCHED = "unmatched"
# What is sent in one piece: as much as is lost to the count where the client leaves.
PIECE_BYTES = 1 << 16

_log = logging.getLogger(__name__)


class Exchange:
    """What is known of a request, and how its response begins. Nothing is sent before `send_head`."""

    __slots__ = ("_identity", "_start_response", "environ", "headers", "length", "line", "route", "started")

    def __init__(self, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self.environ = environ
        self.started = perf_counter()
        self.route = UNMATCHED
        self.line = ""
        # The announced size of the body in bytes.
        self.length: int | None = None
        self.headers: list[tuple[str, str]]
        self._start_response = start_response
        self._identity = request_id.begin(environ)

    @property
    def status(self) -> str:
        """The status that was answered, as three digits; a request that nobody answered has failed."""
        return self.line[:3] or "500"

    def start(self, line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        """Take down how the response begins, with the request's id unless a view has set one; `send_head` tells it."""
        self.line, self.headers, self.length = line, headers, None
        own_id = False
        for name, value in headers:
            size = len(name)  # which is enough to pass most of them by
            if size == 14 and name.lower() == "content-length":
                self.length = int(value)
            elif size == 12 and name.lower() == "x-request-id":
                own_id = True
        if not own_id:
            headers.append((request_id.HEADER, self._identity))
        # Read now, because Flask drops the request before it returns.
        if (request := self.environ.get("werkzeug.request")) and request.url_rule:
            self.route = request.url_rule.rule
        return _write

    def send_head(self) -> None:
        """Give the server the response's status and headers."""
        try:
            self._start_response(self.line, self.headers)
        except BaseException:
            self.line = "500"  # which is what the server answers then
            raise

    def refuse(self, error: HTTPException) -> Iterable[bytes]:
        """Answer with an error in place of what was to be answered, if anything."""
        accept = parse_accept_header(self.environ.get("HTTP_ACCEPT", ""), MIMEAccept)
        return security_headers.add(errors.render(error, accept))(self.environ, self.start)

    def is_event_stream(self) -> bool:
        """Whether the response is server-sent events, which a client continues elsewhere when they end."""
        kinds = [value for name, value in self.headers if name.lower() == "content-type"]
        return any(kind.startswith("text/event-stream") for kind in kinds)


def _write(data: bytes) -> NoReturn:
    raise NotImplementedError("WSGI's old write() is not supported: return or yield the body")


class LastingBody(Iterator[bytes]):
    """A body that is sent over some time. `end` is called once: with the bytes that were sent, and whether all were.

    It holds a slot of `limiter`. An event stream ends early once the server is `stopping`.
    """

    def __init__(
        self,
        exchange: Exchange,
        body: Iterable[bytes],
        limiter: ConcurrencyLimiter,
        stopping: Event,
        end: Callable[[int, bool], None],
    ) -> None:
        self._exchange = exchange
        self._body = body
        self._pieces = _pieces(body)
        self._limiter = limiter
        self._stopping = stopping if exchange.is_event_stream() else None
        self._length = exchange.length
        self._end: Callable[[int, bool], None] | None = end
        self._begun = False
        self._sent = self._handed = 0

    def __next__(self) -> bytes:
        # Who asks for more has sent what there was before.
        self._sent += self._handed
        self._handed = 0
        try:
            if self._stopping and self._stopping.is_set():
                raise StopIteration
            piece = next(self._pieces)
        except StopIteration:
            self._begin()
            self._finish(aborted=self._length is not None and self._sent < self._length)
            raise
        except Exception:
            if self._begun:
                raise  # too late for another answer: the server breaks the connection off, and logs why
            _log.exception("a response failed before its first byte")
            self._pieces = iter(self._exchange.refuse(InternalServerError()))
            self._length = self._exchange.length
            piece = next(self._pieces)
        self._begin()
        self._handed = len(piece)
        # The last bytes are counted before they leave: a client that has them all finds its request counted.
        if self._length is not None and self._sent + self._handed >= self._length:
            self._sent, self._handed = self._length, 0
            self._finish(aborted=False)
        return piece

    def close(self) -> None:
        """End it, as aborted if there was more."""
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._finish(aborted=True)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._exchange.send_head()

    def _finish(self, aborted: bool) -> None:
        end, self._end = self._end, None
        if end:
            self._limiter.release()
            end(self._sent, aborted)


def _pieces(body: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in body:
        if len(chunk) <= PIECE_BYTES:
            yield chunk
        else:
            for start in range(0, len(chunk), PIECE_BYTES):
                yield chunk[start : start + PIECE_BYTES]
