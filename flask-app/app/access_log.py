"""Each request as one line of JSON on stdout. Probes and scrapes are not traffic and leave no line."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask

from app.config import Config
from app.traffic import Traffic, trace_id

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

STDOUT = 1
# Of what a client may choose freely, so that a line is shorter than what a pipe takes in one piece (PIPE_BUF, 4096):
# JSON may make six bytes of one, there are two such texts, and the rest is less than 500.
TEXT_BYTES = 298
_encode = json.JSONEncoder().encode


def text(value: str) -> str:
    """Return what a client wrote, in UTF-8 most likely, of a value that WSGI hands on as Latin-1; no more than fits."""
    if value.isascii():
        return value[:TEXT_BYTES]
    return value.encode("latin-1")[:TEXT_BYTES].decode(errors="replace")


def line(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int) -> bytes:
    """Return what is logged of a request; not its query, which may hold what nobody should read."""
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
        "remote": environ.get("REMOTE_ADDR", "").removeprefix("::ffff:"),
        "user_agent": text(environ.get("HTTP_USER_AGENT", "")),
    }
    if "HTTP_TRACEPARENT" in environ and (trace := trace_id(environ)):
        entry["trace_id"] = trace
    return _encode(entry).encode() + b"\n"


def write(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int) -> None:
    """Log a request. One write for each line, so that lines of several threads and processes stay whole."""
    # A log that is full, or that nobody reads any more, is no reason to say more of it with each request.
    with suppress(OSError):
        os.write(STDOUT, line(environ, route, status, seconds, sent))


def init_app(app: Flask, traffic: Traffic) -> None:
    """Log the requests of `app`, if its settings say so."""
    config = Config.of(app)
    if config.access_log and config.log_level in ("debug", "info"):
        traffic.observers.append(write)
