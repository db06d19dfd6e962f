"""How large a request may be, told before anything is done with it: in JSON or HTML by Accept, and counted.

The server has limits of its own, wider ones: it hangs up on what it has not read to the end, so its answer cannot
follow what the client accepts.
"""

from flask import Flask, abort, current_app, request

# Request line and header fields, about as much as most proxies in front let through; one field may take all of it.
HEAD_BYTES = 16384


def check() -> None:
    """Refuse the request if it says of itself that its body is too large, or if its head is."""
    environ = request.environ
    # A body of unknown length is measured while it is read.
    if environ.get("CONTENT_LENGTH") and (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        abort(413)
    # All text in there comes from the head, but for a few constants. Asking for names costs twice the time.
    if sum([len(value) for value in environ.values() if type(value) is str]) > HEAD_BYTES:
        abort(431)


def init_app(app: Flask) -> None:
    """Limit the requests of `app`."""
    app.before_request(check)
