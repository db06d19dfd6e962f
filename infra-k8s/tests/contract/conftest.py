"""The application's repository, where it is available."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def app_dir() -> Path:
    """Return the application's folder; without one, skip with the reason, or fail where nothing may be skipped."""
    if not (found := os.environ.get("APP_DIR")):
        reason = "APP_DIR is not set: the application's repository is needed to compare the two"
        (pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip)(reason)
    return Path(found or "")
