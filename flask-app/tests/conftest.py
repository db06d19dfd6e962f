"""Fixtures that every test may use."""

import os
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
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
def linux() -> None:
    """Leave a test out where there is neither /proc nor a choice of CPUs."""
    if sys.platform != "linux":
        pytest.skip("needs Linux")


@pytest.fixture
def two_cpus(linux: None) -> None:
    """Leave a test out on a machine of one CPU; where everything is required that is a failure."""
    if len(os.sched_getaffinity(0)) < 2:
        reason = "needs two CPUs"
        pytest.fail(reason) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(reason)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client that calls the application without a server."""
    return app.test_client()
