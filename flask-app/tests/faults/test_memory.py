from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from app.faults import memory
from app.faults.kinds import Fault


def resident() -> float:
    """Return the memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / memory.MEBIBYTE


@pytest.mark.parametrize(("rate", "least", "most"), [(1, 55, 65), (0.001, 0, 10)])
def test_memory_grows_by_its_rate_to_its_limit_and_is_given_back(rate: float, least: float, most: float) -> None:
    fault = Fault.parse("memory", {"rate": rate, "mebibytes_per_second": 800, "limit_mebibytes": 60}, [])
    ended = Event()
    before = resident()
    thread = memory.grow(fault, lambda: not ended.is_set())
    deadline = monotonic() + 10
    while resident() - before < least and monotonic() < deadline:
        sleep(0.02)
    sleep(0.3)  # it must not go on beyond its limit
    grown = resident() - before
    ended.set()
    thread.join(5)
    assert least <= grown <= most
    assert resident() - before < 10
