"""Which trace a request is part of: by its span, or else by https://www.w3.org/TR/trace-context/#traceparent-header."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Where OpenTelemetry's Flask instrumentation keeps the span of a request, which may be the first of its trace.
SPAN = "opentelemetry-flask.span_key"
# Version ff is invalid, and in version 00 nothing follows the flags.
TRACEPARENT = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?", re.ASCII
)


class Trace(NamedTuple):
    """The id of a trace, and whether anybody records it."""

    id: str
    sampled: bool


def trace(environ: "WSGIEnvironment") -> Trace | None:
    """Return the trace that a request is part of; None if unknown."""
    if SPAN in environ:
        context = environ[SPAN].get_span_context()
        return Trace(f"{context.trace_id:032x}", context.trace_flags.sampled) if context.is_valid else None
    if "HTTP_TRACEPARENT" in environ and (match := TRACEPARENT.fullmatch(environ["HTTP_TRACEPARENT"])):
        return Trace(match[1], bool(int(match[2], 16) & 1))
    return None
