"""The siblings that the pages describe, where they are available."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from checks.repositories import VARIABLES, WORKSPACE, MissingRepository, folder, whole_tree


def require(*names: str) -> list[Path]:
    """Return the folders of repositories; skip the test where this one stands alone."""
    try:
        return [folder(name) for name in names]
    except MissingRepository as missing:
        skip_or_fail(missing)


def require_whole_tree() -> None:
    """Skip the test where the repositories were cloned one by one: it reads what only the whole tree has."""
    try:
        whole_tree()
    except MissingRepository as missing:
        pytest.skip(str(missing)) if os.environ.get(VARIABLES[WORKSPACE]) else skip_or_fail(missing)


def skip_or_fail(missing: MissingRepository) -> NoReturn:
    """Skip the test; with REQUIRE_ALL it fails, unless this repository stands alone."""
    if os.environ.get("REQUIRE_ALL") and any(os.environ.get(variable) for variable in VARIABLES.values()):
        pytest.fail(str(missing))
    pytest.skip(str(missing))


def skip_without_tool(reason: str) -> NoReturn:
    """Skip the test because a tool is missing; with REQUIRE_ALL it fails."""
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_forced_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as into a pipe, whatever the environment of the tests asks for."""
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def app_dir() -> Path:
    return require("flask-app")[0]


@pytest.fixture
def infra_dir() -> Path:
    return require("infra-k8s")[0]
