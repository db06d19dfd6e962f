"""The application with routes whose responses last: streams, downloads, server-sent events and a WebSocket."""

import tempfile
import threading
import time
from collections.abc import Iterator

from flask import Flask, Response, send_file
from flask_sock import Sock  # type: ignore[import-untyped]
from simple_websocket import Server

from app import create_app

GO = threading.Event()
MEBIBYTE = 1 << 20
DOWNLOAD_BYTES = 50 * MEBIBYTE


def events() -> Response:
    """Send an event a second, for ever."""

    def forever() -> Iterator[str]:
        while True:
            yield "data: tick\n\n"
            time.sleep(1)

    return Response(forever(), mimetype="text/event-stream")


def numbers() -> Iterator[str]:
    """Send a line, and nine more once they are asked for."""
    yield "0\n"
    GO.wait(30)
    yield from (f"{number}\n" for number in range(1, 10))


def go() -> str:
    """Let the streams of numbers go on."""
    GO.set()
    return "gone"


def failing(after: int) -> Iterator[str]:
    """Send so many lines, and fail."""
    for number in range(after):
        yield f"{number}\n"
    raise ValueError("no more lines")


def generated() -> Iterator[bytes]:
    """Generate a download of unknown length."""
    for _ in range(DOWNLOAD_BYTES // MEBIBYTE):
        yield bytes(MEBIBYTE)


def echo(ws: Server) -> None:
    """Send every message back, until the client leaves."""
    while True:
        ws.send(ws.receive())


def create_lasting_app() -> Flask:
    """Return the application that gunicorn is to load in place of the usual one."""
    app = create_app()
    file = tempfile.NamedTemporaryFile()  # noqa: SIM115
    file.truncate(DOWNLOAD_BYTES)
    app.extensions["download"] = file  # deleted with the application
    app.add_url_rule("/events", view_func=events)
    app.add_url_rule("/numbers", view_func=numbers)
    app.add_url_rule("/failing/<int:after>", view_func=failing)
    app.add_url_rule("/download/memory", "memory", lambda: bytes(DOWNLOAD_BYTES))
    app.add_url_rule("/download/generated", "generated", generated)
    app.add_url_rule("/download/file", "file", lambda: send_file(file.name, "application/zip"))
    app.add_url_rule("/go", view_func=go)
    Sock(app).route("/echo")(echo)
    return app
