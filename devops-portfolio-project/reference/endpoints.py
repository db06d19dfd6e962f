"""The application's endpoints, read from the OpenAPI document that its own tests hold against the live one."""

import json

from pages.repositories import folder
from reference.table import Reference, code, sentence

SOURCE = "openapi.json"


def read() -> Reference:
    """Return a row for each method of each path."""
    paths = json.loads((folder("flask-app") / SOURCE).read_text())["paths"]
    rows = tuple(
        (code(path), method.upper(), ", ".join(operation["responses"]), sentence(operation["summary"]))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "responses" in operation
    )
    return Reference("Endpoints", f"`flask-app/{SOURCE}`", ("path", "method", "answers", "what it is for"), rows)
