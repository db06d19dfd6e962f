import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from app.server import process_metrics, worker_slots
from app.server.records import Records
from tests.live_server import serve

pytestmark = pytest.mark.usefixtures("linux")


def stat(utime: int, cutime: int = 0) -> list[str]:
    """Return the fields of /proc/<pid>/stat from the third, of a process that used so many ticks."""
    fields = ["0"] * 50
    fields[11], fields[13] = str(utime), str(cutime)
    return fields


def test_cpu_time_never_goes_back_when_a_worker_ends_between_two_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server was read before it had the dead worker's time, and the worker when it was gone."""
    both = [Records(), Records()]
    found = {1: stat(100), 2: stat(5000)}
    monkeypatch.setattr(os, "getppid", lambda: 1)
    monkeypatch.setattr(process_metrics, "_children", lambda server: [2])
    monkeypatch.setattr(process_metrics, "_stat", found.get)
    monkeypatch.setattr(worker_slots, "headers", lambda: [records.header for records in both])

    def reported_by(records: Records) -> float:
        registry = CollectorRegistry()
        registry.register(process_metrics.ProcessMetrics(records))
        return registry.get_sample_value("process_cpu_seconds_total") or 0

    reported = reported_by(both[0])
    del found[2]
    assert [reported_by(records) for records in both] == [reported, reported]
    found[1] = stat(100, cutime=6000)
    assert reported_by(both[1]) > reported


def test_several_workers_have_the_figures_of_one(tmp_path: Path) -> None:
    names = [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_start_time_seconds",
        "process_open_fds",
        "process_max_fds",
        "python_info",
    ]
    for count in ("1", "2"):
        with serve(tmp_path, WEB_CONCURRENCY=count) as server:
            assert [name for name in names if not server.value(name) > 0] == []
            assert server.value("process_open_fds") < server.value("process_max_fds")


def test_start_stays_when_somebody_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel then gives another second for the start of the machine, and the page would take it for a new start."""
    registry = CollectorRegistry()
    registry.register(process_metrics.ProcessMetrics(Records()))
    before = registry.get_sample_value("process_start_time_seconds")
    monkeypatch.setattr(process_metrics, "_boot", lambda: 1.0)
    assert before is not None
    assert registry.get_sample_value("process_start_time_seconds") == before
