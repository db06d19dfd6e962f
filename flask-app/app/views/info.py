"""Which build runs here."""

import platform
import socket

from flask import Blueprint, Flask, current_app

from app.config import Config

bp = Blueprint("info", __name__)


@bp.get("/api/info")
def info() -> dict[str, str]:
    """Return what runs here."""
    return identity(current_app)


def identity(app: Flask) -> dict[str, str]:
    """Return what runs here: version, revision, Python's version and the host's name."""
    config = Config.of(app)
    return {
        "version": config.version,
        "revision": config.revision,
        "python": platform.python_version(),
        "hostname": socket.gethostname(),
    }
