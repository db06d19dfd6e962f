"""The siblings that the pages describe, where those are at hand."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from pages.repositories import VARIABLES, WORKSPACE, Absent, folder, whole_tree


def at_hand(*names: str) -> list[Path]:
    """Return the folders of repositories; skip the test where this one stands alone."""
    try:
        return [folder(name) for name in names]
    except Absent as absent:
        lacking(absent)


def all_together() -> None:
    """Skip the test where the repositories were cloned one by one: it reads what only the whole tree has."""
    try:
        whole_tree()
    except Absent as absent:
        pytest.skip(str(absent)) if os.environ.get(VARIABLES[WORKSPACE]) else lacking(absent)


def lacking(absent: Absent) -> NoReturn:
    """Skip the test; with REQUIRE_ALL it fails, unless this repository stands alone."""
    if os.environ.get("REQUIRE_ALL") and any(os.environ.get(variable) for variable in VARIABLES.values()):
        pytest.fail(str(absent))
    pytest.skip(str(absent))


@pytest.fixture
def app_dir() -> Path:
    return at_hand("flask-app")[0]


@pytest.fixture
def infra_dir() -> Path:
    return at_hand("infra-k8s")[0]
