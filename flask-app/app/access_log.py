"""Each request as one line of JSON on stdout. Probes and scrapes are not traffic and leave no line."""

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask

from app.config import Config
from app.traffic import Traffic, trace_id

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

STDOUT = 1
_encode = json.JSONEncoder().encode


def line(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int) -> bytes:
    """Return what is logged of a request; not its query, which may hold what nobody should read."""
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "info",
        "message": "request",
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "route": route,
        "status": int(status),
        "duration_ms": round(seconds * 1000, 3),
        "bytes": sent,
        "remote": environ.get("REMOTE_ADDR", "").removeprefix("::ffff:"),
        "user_agent": environ.get("HTTP_USER_AGENT", ""),
    }
    if "HTTP_TRACEPARENT" in environ and (trace := trace_id(environ)):
        entry["trace_id"] = trace
    return _encode(entry).encode() + b"\n"


def write(environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int) -> None:
    """Log a request. One write for each line, so that lines of several threads and processes stay whole."""
    os.write(STDOUT, line(environ, route, status, seconds, sent))


def init_app(app: Flask, traffic: Traffic) -> None:
    """Log the requests of `app`, if its settings say so."""
    config = Config.of(app)
    if config.access_log and config.log_level in ("debug", "info"):
        traffic.observers.append(write)
