"""One request and its response, from its arrival until nothing more of the response is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
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


class Exchange:
    """What is known of a request, and how its response begins.

    `limiter_of` names the kind of slot that a response which lasts has to have; without a free one it is `refused`, and
    the server is told nothing of it.
    """

    __slots__ = (
        "_identity",
        "_limiter_of",
        "_start_response",
        "admission",
        "environ",
        "headers",
        "length",
        "limiter",
        "line",
        "refused",
        "route",
        "started",
    )

    def __init__(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        limiter_of: Callable[[Exchange], ConcurrencyLimiter | None],
    ) -> None:
        self.environ = environ
        self.started = perf_counter()
        self.route = UNMATCHED
        self.line = ""
        # The announced size of the body in bytes.
        self.length: int | None = None
        self.headers: list[tuple[str, str]]
        # The one that the request has a slot of, until the application is done or the response has one of its own.
        self.admission: ConcurrencyLimiter | None = None
        # The one that the response has a slot of.
        self.limiter: ConcurrencyLimiter | None = None
        self.refused = False
        self._limiter_of = limiter_of
        self._start_response = start_response
        self._identity = request_id.begin(environ)

    @property
    def status(self) -> str:
        """The status that was answered, as three digits; a request that nobody answered has failed."""
        return self.line[:3] or "500"

    def start(self, line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        """Begin the response, with the request's id unless a view has set one: WSGI's start_response."""
        self.release()
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
        limiter = self._limiter_of(self)
        if limiter and not limiter.acquire():
            self.refused = True
            return _write
        self.limiter = limiter
        if limiter:
            self.leave()  # so that it is counted once
        return self._start_response(line, headers, exc_info)

    def leave(self) -> None:
        """Give the request's slot back, if it still has it."""
        if self.admission:
            self.admission.release()
            self.admission = None

    def release(self) -> None:
        """Give the slot of a response that lasts back, if it has one."""
        if self.limiter:
            self.limiter.release()
            self.limiter = None

    def refuse(self, error: HTTPException) -> Iterable[bytes]:
        """Answer with an error in place of what was to be answered, if anything."""
        self._limiter_of = lambda exchange: None  # an error is short
        accept = parse_accept_header(self.environ.get("HTTP_ACCEPT", ""), MIMEAccept)
        return security_headers.add(errors.render(error, accept))(self.environ, self.start)

    def is_event_stream(self) -> bool:
        """Whether the response is server-sent events, which a client continues elsewhere when they end."""
        kinds = [value for name, value in self.headers if name.lower() == "content-type"]
        return any(kind.startswith("text/event-stream") for kind in kinds)


def _write(data: bytes) -> None:
    """Drop what belongs to a response that is refused."""


class LastingBody(Iterator[bytes]):
    """A body that is sent over some time. `end` is called once: with the bytes that were sent, and whether all were.

    An event stream ends early once the server is `stopping`.
    """

    def __init__(
        self,
        exchange: Exchange,
        body: Iterable[bytes],
        stopping: Event,
        end: Callable[[int, bool], None],
    ) -> None:
        self._exchange = exchange
        self._body = body
        self._pieces = _pieces(body)
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
            self._finish(aborted=self._length is not None and self._sent < self._length)
            raise
        except Exception:
            # The server logs it, and breaks the connection off; or answers 500, if nothing was sent yet.
            if not self._begun:
                self._exchange.line = "500"
                self._finish(aborted=False)
            raise
        self._begun = True
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

    def _finish(self, aborted: bool) -> None:
        end, self._end = self._end, None
        if end:
            self._exchange.release()
            end(self._sent, aborted)


def _pieces(body: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in body:
        if len(chunk) <= PIECE_BYTES:
            yield chunk
        else:
            for start in range(0, len(chunk), PIECE_BYTES):
                yield chunk[start : start + PIECE_BYTES]
