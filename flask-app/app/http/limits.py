"""How large a request may be. It is checked first; a refusal is JSON or HTML by Accept, and is counted.

The server has wider limits of its own: it closes the connection before it has read the whole request, so its answer
cannot follow what the client accepts.
"""

from flask import Flask, abort, current_app, request

# Request line and header fields, about as much as most proxies let through; one field may take all of it.
HEAD_BYTES = 16384

# The server's own limits. For each thread it keeps up to twice their product of an unfinished head. So they are no
# wider than needed: a head that is too large must reach `check`, and so must the fields of a browser and its proxies.
FIELD_BYTES = HEAD_BYTES + 1024
FIELDS = 40


def check() -> None:
    """Refuse the request if its announced body is too large, or if its head is."""
    environ = request.environ
    # A body of unknown length is measured while it is read.
    if environ.get("CONTENT_LENGTH") and (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        abort(413)
    # All names and texts in it come from the head, except for a few hundred constant bytes.
    if sum(map(len, environ)) + sum([len(value) for value in environ.values() if type(value) is str]) > HEAD_BYTES:
        abort(431)


def init_app(app: Flask) -> None:
    """Limit the requests of `app`."""
    app.before_request(check)
