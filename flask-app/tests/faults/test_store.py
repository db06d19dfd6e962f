import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from app.faults.kinds import KINDS, Fault
from app.faults.store import FaultStore


def test_processes_share_faults_until_they_end_by_themselves(tmp_path: Path) -> None:
    one, other = FaultStore(tmp_path), FaultStore(tmp_path)
    one.start(replace(Fault.parse("latency", {}, []), until=monotonic() + 0.2))
    one.start(Fault.parse("errors", {}, []))
    assert set(other.active()) == {"latency", "errors"}
    other.stop("errors")
    assert set(one.active()) == {"latency"}
    sleep(0.25)
    assert not one.active()
    assert not other.active()


def test_new_fault_takes_the_place_of_one_of_its_kind(tmp_path: Path) -> None:
    state = FaultStore(tmp_path)
    state.start(Fault.parse("errors", {"status": 503}, []))
    state.start(Fault.parse("errors", {"status": 504}, []))
    assert state.active()["errors"].parameters == {"status": 504}


def test_changes_at_the_same_time_lose_none(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=lambda kind=kind: FaultStore(tmp_path).start(Fault.parse(kind, {}, [])))
        for kind in KINDS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(FaultStore(tmp_path).active()) == set(KINDS)


def test_asking_reads_nothing_while_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = FaultStore(tmp_path)
    state.start(Fault.parse("errors", {}, []))
    assert state.active()
    monkeypatch.setattr(json, "loads", None)
    assert state.active()


def test_clearing_waits_for_nobody(tmp_path: Path) -> None:
    state = FaultStore(tmp_path)
    state.start(Fault.parse("crash", {}, []))
    state.clear()
    assert not state.active()
    assert os.listdir(tmp_path) == ["faults.lock"]
