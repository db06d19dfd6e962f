"""Answers to requests that went wrong: HTML or JSON by Accept, under the status that is on the wire."""

from typing import cast

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

JSON, HTML = "application/json", "text/html"


def answer(error: HTTPException, **details: str) -> Response:
    """Turn an HTTP error into a response; a program that states no preference gets JSON, with `details` as well."""
    response = cast(Response, error.get_response())
    if request.accept_mimetypes.best_match((JSON, HTML), JSON) == JSON:
        response.data = jsonify(status=error.code, error=error.name, detail=error.description, **details).data
        response.content_type = JSON
    return response


def init_app(app: Flask) -> None:
    """Answer every error of `app` in one place."""
    app.register_error_handler(HTTPException, answer)
