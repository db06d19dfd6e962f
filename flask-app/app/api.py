"""The JSON interface, as openapi.json describes it."""

import hmac
import json
from pathlib import Path
from typing import NoReturn

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized

from app.config import Config
from app.errors import answer
from app.fault_state import FaultState
from app.faults import KINDS, Fault, InvalidFault
from app.injection import routes, start
from app.statistics import faults, identity, statistics

bp = Blueprint("api", __name__)
DOCUMENT = Path(__file__).parent.parent / "openapi.json"


@bp.get("/openapi.json")
def document() -> Response:
    """Serve the description of this interface."""
    return Response(DOCUMENT.read_bytes(), content_type="application/json")


@bp.get("/api/info")
def info() -> dict[str, str]:
    """Say what runs here."""
    return identity(current_app)


@bp.get("/api/stats")
def stats() -> Response:
    """Give the page its live data."""
    response = jsonify(statistics(current_app))
    response.cache_control.no_store = True
    return response


@bp.get("/api/faults")
def list_faults() -> dict[str, object]:
    """List every fault there is, and whether any can be switched on here."""
    return {"enabled": Config.of(current_app).faults_enabled, "faults": faults(current_app)}


@bp.put("/api/faults/<kind>")
def start_fault(kind: str) -> Response:
    """Switch a fault on, in place of one of its kind."""
    state = _guard(kind)
    try:
        fault = Fault.parse(kind, _wish(), routes(current_app))
    except InvalidFault as error:
        return answer(BadRequest(str(error)), field=error.field, allowed=error.allowed)
    start(state, fault)
    current_app.logger.warning("fault %s is on for %g seconds", kind, fault.seconds)
    return jsonify(fault=kind, active=True, **fault.describe())


@bp.delete("/api/faults/<kind>")
def stop_fault(kind: str) -> tuple[str, int]:
    """Switch a fault off; one that is not on stays off."""
    _guard(kind).stop(kind)
    current_app.logger.warning("fault %s is off", kind)
    return "", 204


def _guard(kind: str) -> FaultState:
    state, token = FaultState.of(current_app), Config.of(current_app).faults_token
    if state is None or token is None:
        abort(404, "Faults are not enabled here.")
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        _refuse()
    if not hmac.compare_digest(given.token.encode(), token.encode()):
        _refuse()
    if kind not in KINDS:
        abort(404, f"There is no such fault; there are {', '.join(KINDS)}.")
    return state


def _refuse() -> NoReturn:
    raise Unauthorized("Switching faults asks for the bearer token.", www_authenticate=WWWAuthenticate("bearer"))


def _wish() -> object:
    if request.mimetype != "application/json":
        abort(415, "Send application/json.")
    try:
        return json.loads(request.get_data(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # Thousands of brackets within brackets are no parse error to Python.
        abort(400, "The body is not JSON that can be read.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def init_app(app: Flask) -> None:
    """Give `app` its JSON interface."""
    app.register_blueprint(bp)
