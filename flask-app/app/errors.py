"""Answers to requests that went wrong: HTML or JSON by Accept, under the status that is on the wire."""

import json
from typing import cast

from flask import Flask, Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException

JSON, HTML = "application/json", "text/html"


def render(error: HTTPException, accept: MIMEAccept, **details: str) -> Response:
    """Turn an HTTP error into a response; a program that states no preference gets JSON, with `details` as well."""
    response = cast(Response, error.get_response())
    response.vary.add("Accept")
    if accept.best_match((JSON, HTML), JSON) == JSON:
        said = {"status": error.code, "error": error.name, "detail": error.description, **details}
        response.data = json.dumps(said) + "\n"
        response.content_type = JSON
    return response


def answer(error: HTTPException, **details: str) -> Response:
    """Turn an HTTP error into the response to the request at hand."""
    return render(error, request.accept_mimetypes, **details)


def init_app(app: Flask) -> None:
    """Answer every error of `app` in one place."""
    app.register_error_handler(HTTPException, answer)
