"""A small web application that reports its own state exactly: `flask --app app run --debug` serves it."""

from app.server import instruments

# Before any module that declares an instrument is imported.
instruments.install()

from app.app import create_app  # noqa: E402

__all__ = ["create_app"]
