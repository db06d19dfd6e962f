import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def wanted(name: str) -> set[str]:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("-", "#"))]
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in lines}


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / name).read_text(), re.M))


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_holds_what_is_wanted_with_hashes_and_no_addresses(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text()
    assert wanted(f"{name}.in") - locked(f"{name}.txt").keys() == set(), "not locked: make lock"
    for entry in re.split(r"^(?=[a-z])", lock, flags=re.M)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert "://" not in lock
    assert "--index-url" not in lock


def test_what_is_tested_is_what_ships() -> None:
    assert locked("requirements.txt").items() - locked("requirements-dev.txt").items() == set(), "differ: make lock"


def test_nothing_is_locked_that_nobody_wants() -> None:
    direct = re.findall(r"^    # via -r requirements\.in$", (ROOT / "requirements.txt").read_text(), re.M)
    assert len(direct) == len(wanted("requirements.in")), "stale: make lock"
