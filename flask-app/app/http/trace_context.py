"""Which trace a request is part of: https://www.w3.org/TR/trace-context/#traceparent-header."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Version ff is invalid, and in version 00 nothing follows the flags.
TRACEPARENT = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII
)


def trace_id(environ: "WSGIEnvironment") -> str:
    """Return the id of the trace that a request is part of; "" if unknown."""
    match = TRACEPARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    return match[1] if match else ""
