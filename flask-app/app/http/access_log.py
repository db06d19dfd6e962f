"""Each request as one line of JSON on stdout. Probes and scrapes are not traffic and leave no line."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask

from app.config import Config
from app.http.instrumentation import RequestInstrumentation
from app.http.request_id import KEY
from app.http.trace_context import trace

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

STDOUT = 1
# Of a text that the client chooses, so that a line is shorter than what a pipe takes in one piece (PIPE_BUF, 4096):
# JSON may make six bytes of one, there are two such texts, and the rest is less than 1024.
TEXT_BYTES = 252
# Of an address, which is what a trusted proxy says it is.
ADDRESS_BYTES = 64
_encode = json.JSONEncoder().encode


def text(value: str) -> str:
    """Return a client's text, most likely UTF-8, of a value that WSGI passes as Latin-1; at most TEXT_BYTES of it."""
    if value.isascii():
        return value[:TEXT_BYTES]
    return value.encode("latin-1")[:TEXT_BYTES].decode(errors="replace")


def line(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int, aborted: bool) -> bytes:
    """Return the log line of a request; without its query, which may hold secrets."""
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "info",
        "message": "request",
        "method": environ["REQUEST_METHOD"],
        "path": text(environ["PATH_INFO"]),
        "route": route,
        "status": int(status),
        "duration_ms": round(seconds * 1000, 3),
        "bytes": sent,
        "remote": text(environ.get("REMOTE_ADDR", "")).removeprefix("::ffff:")[:ADDRESS_BYTES],
        "user_agent": text(environ.get("HTTP_USER_AGENT", "")),
        "request_id": environ[KEY],
    }
    if aborted:
        entry["aborted"] = True
    if found := trace(environ):
        entry["trace_id"] = found.id
    return _encode(entry).encode() + b"\n"


def write(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int, aborted: bool) -> None:
    """Log a request. One write for each line, so that lines of several threads and processes stay whole."""
    # A log that is full, or that nobody reads any more, must not fail the request.
    with suppress(OSError):
        os.write(STDOUT, line(environ, route, status, seconds, sent, aborted))


def init_app(app: Flask, instrumentation: RequestInstrumentation) -> None:
    """Log the requests of `app`, if its settings say so."""
    config = Config.of(app)
    if config.access_log and config.log_level in ("debug", "info"):
        instrumentation.observers.append(write)
