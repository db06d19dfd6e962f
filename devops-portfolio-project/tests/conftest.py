"""The siblings that the pages describe, where those are at hand."""

from pathlib import Path

import pytest

from pages.repositories import Absent, folder


def at_hand(*names: str) -> list[Path]:
    """Return the folders of repositories; skip the test where this one stands alone."""
    try:
        return [folder(name) for name in names]
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture
def app_dir() -> Path:
    return at_hand("flask-app")[0]


@pytest.fixture
def infra_dir() -> Path:
    return at_hand("infra-k8s")[0]
