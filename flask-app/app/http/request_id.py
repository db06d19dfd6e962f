"""The id of a request: the caller's X-Request-ID if it is well-formed, else a new one.

The client gets it back, and every line that is logged while the request is worked on carries it, with the trace's id.
"""

import re
from contextvars import ContextVar
from random import getrandbits  # no system call, and no secret; gunicorn seeds each worker
from typing import TYPE_CHECKING

from app.http.trace_context import trace

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "X-Request-ID"
KEY = "app.request_id"
# Nothing that means something in a header, in JSON or to a shell.
WELL_FORMED = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}")

# Of the request that this thread works on.
_environ: "ContextVar[WSGIEnvironment | None]" = ContextVar("request", default=None)


def begin(environ: "WSGIEnvironment") -> str:
    """Make this the request that the thread works on, and return its id."""
    given = environ.get("HTTP_X_REQUEST_ID")
    identity = given if given and WELL_FORMED.fullmatch(given) else "%032x" % getrandbits(128)  # noqa: UP031 (faster)
    environ[KEY] = identity
    _environ.set(environ)
    return identity


def end() -> None:
    """Let the thread work on no request any more."""
    _environ.set(None)


def log_fields() -> dict[str, str]:
    """Return what a log line says of the request that this thread works on; nothing outside one."""
    if (environ := _environ.get()) is None:
        return {}
    fields = {"request_id": environ[KEY]}
    if found := trace(environ):
        fields["trace_id"] = found.id
    return fields


def current() -> str:
    """Return the id of the request that this thread works on, to be passed on in calls to others; "" outside one."""
    environ = _environ.get()
    return environ[KEY] if environ else ""
