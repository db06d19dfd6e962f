"""Which faults are active, and the interface that starts and stops them."""

import hmac
import json
from typing import NoReturn

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized

from app.config import Config
from app.faults.injection import routes, start
from app.faults.kinds import KINDS, Fault, InvalidFault
from app.faults.store import FaultStore
from app.http.errors import respond

bp = Blueprint("faults", __name__)


@bp.get("/api/faults")
def list_faults() -> dict[str, object]:
    """List every kind of fault, and whether any can be started here."""
    return {"enabled": Config.of(current_app).faults_enabled, "faults": describe_faults(current_app)}


@bp.put("/api/faults/<kind>")
def start_fault(kind: str) -> Response:
    """Start a fault, in place of an active one of its kind."""
    store = _authorized_store(kind)
    try:
        fault = Fault.parse(kind, _payload(), routes(current_app))
    except InvalidFault as error:
        return respond(BadRequest(str(error)), field=error.field, allowed=error.allowed)
    start(store, fault)
    current_app.logger.warning("fault %s is on for %g seconds", kind, fault.seconds)
    return jsonify(fault=kind, active=True, **fault.describe())


@bp.delete("/api/faults/<kind>")
def stop_fault(kind: str) -> tuple[str, int]:
    """Stop a fault; one that is not active stays so."""
    _authorized_store(kind).stop(kind)
    current_app.logger.warning("fault %s is off", kind)
    return "", 204


def describe_faults(app: Flask) -> list[dict[str, object]]:
    """Return every kind of fault; for an active one also its parameters and the seconds that remain."""
    store = FaultStore.of(app)
    active = store.active() if store else {}
    return [
        {"fault": kind, "active": kind in active, **(active[kind].describe() if kind in active else {})}
        for kind in KINDS
    ]


def _authorized_store(kind: str) -> FaultStore:
    store, token = FaultStore.of(current_app), Config.of(current_app).faults_token
    if store is None or token is None:
        abort(404, "Faults are not enabled here.")
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        _refuse()
    if not hmac.compare_digest(given.token.encode(), token.encode()):
        _refuse()
    if kind not in KINDS:
        abort(404, f"There is no such fault; there are {', '.join(KINDS)}.")
    return store


def _refuse() -> NoReturn:
    raise Unauthorized("Switching faults asks for the bearer token.", www_authenticate=WWWAuthenticate("bearer"))


def _payload() -> object:
    if request.mimetype != "application/json":
        abort(415, "Send application/json.")
    try:
        return json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Thousands of nested brackets are no parse error to Python.
        abort(400, "The body is not JSON that can be read.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
