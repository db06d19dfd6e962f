"""The small lock of `make up` is a part of the whole one."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pins(lock: str) -> set[str]:
    """Return the pinned packages of a lock, each with its version."""
    return set(re.findall(r"^[\w.-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE))


def test_up_runs_on_the_tested_versions() -> None:
    small = pins("requirements-up.txt")
    assert small
    assert small - pins("requirements.txt") == set()
