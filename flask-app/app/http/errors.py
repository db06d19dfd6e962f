"""Error responses: HTML or JSON by Accept, with the status of the error."""

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
        body = {"status": error.code, "error": error.name, "detail": error.description, **details}
        response.data = json.dumps(body) + "\n"
        response.content_type = JSON
    return response


def respond(error: HTTPException, **details: str) -> Response:
    """Turn an HTTP error into the response to the current request."""
    return render(error, request.accept_mimetypes, **details)


def init_app(app: Flask) -> None:
    """Render every error of `app` in one place."""
    app.register_error_handler(HTTPException, respond)
