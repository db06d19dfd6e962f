"""The description of the interface."""

from pathlib import Path

from flask import Blueprint, Response

bp = Blueprint("openapi", __name__)
DOCUMENT = Path(__file__).parents[2] / "openapi.json"


@bp.get("/openapi.json")
def document() -> Response:
    """Return the interface as OpenAPI 3.1."""
    return Response(DOCUMENT.read_bytes(), content_type="application/json")
