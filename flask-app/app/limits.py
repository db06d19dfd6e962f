"""How large a request may be, told before anything is done with it: in JSON or HTML by Accept, and counted.

The server has limits of its own, wider ones: it hangs up on what it has not read to the end, so its answer cannot
follow what the client accepts.
"""

from flask import Flask, abort, current_app, request

# Request line and header fields, about as much as most proxies in front let through; one field may take all of it.
HEAD_BYTES = 16384

# The server's own limits. Of a head that is not complete yet it keeps up to the product of the two, twice, for each
# thread: so no more than what shows here that it is too much, and than a browser and several proxies in front send.
FIELD_BYTES = HEAD_BYTES + 1024
FIELDS = 40


def check() -> None:
    """Refuse the request if it says of itself that its body is too large, or if its head is."""
    environ = request.environ
    # A body of unknown length is measured while it is read.
    if environ.get("CONTENT_LENGTH") and (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        abort(413)
    # Its names, and all text in there, come from the head, but for a few hundred bytes that are always the same.
    if sum(map(len, environ)) + sum([len(value) for value in environ.values() if type(value) is str]) > HEAD_BYTES:
        abort(431)


def init_app(app: Flask) -> None:
    """Limit the requests of `app`."""
    app.before_request(check)
