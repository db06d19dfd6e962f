"""Fixtures that every test may use."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.app import create_app
from app.config import Config


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of the caller's environment out of the tests."""
    for setting in Config.settings().values():
        monkeypatch.delenv(setting.variable, raising=False)


@pytest.fixture
def app() -> Flask:
    """Return an application with the default settings."""
    return create_app(Config())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client that calls the application without a server."""
    return app.test_client()
