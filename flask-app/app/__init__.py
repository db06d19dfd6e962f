"""A small web application that reports its own state exactly: `flask --app app run --debug` serves it."""

from app.app import create_app

__all__ = ["create_app"]
