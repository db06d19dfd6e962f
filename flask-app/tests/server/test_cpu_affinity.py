import errno
import os
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from app.server import cpu_affinity
from tests.live_server import eventually, serve

CPUS = os.sched_getaffinity(0) if sys.platform == "linux" else set[int]()
pytestmark = pytest.mark.usefixtures("two_cpus")


@pytest.fixture
def other(two_cpus: None) -> Iterator[int]:
    """Return the id of another thread of this process, and unpin all threads at the end."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    assert thread.native_id
    yield thread.native_id
    done.set()
    thread.join()
    for each in os.listdir("/proc/self/task"):
        with suppress(ProcessLookupError):  # a thread that was joined may take a moment to be gone
            os.sched_setaffinity(int(each), CPUS)


def test_other_threads_are_pinned_where_one_is_told(other: int) -> None:
    for cpu in CPUS:
        cpu_affinity.pin_threads({cpu})
        assert os.sched_getaffinity(other) == {cpu}
        assert os.sched_getaffinity(0) == CPUS


def test_a_thread_knows_its_cpu(other: int) -> None:
    with open("/proc/thread-self/stat", "rb", buffering=0) as stat:
        for cpu in CPUS:
            os.sched_setaffinity(0, {cpu})
            assert cpu_affinity.current_cpu(stat) == cpu


def test_other_threads_are_unpinned_when_repinning_fails(other: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/proc/thread-self/stat", "rb", buffering=0) as stat:
        pinned = cpu_affinity.repin(stat, None, CPUS)
        assert os.sched_getaffinity(other) == {pinned}

        def fail(stat: object) -> int:
            raise OSError(errno.EMFILE, "no descriptor left")

        with monkeypatch.context() as patch:
            patch.setattr(cpu_affinity, "current_cpu", fail)
            assert cpu_affinity.repin(stat, pinned, CPUS) is None
        assert os.sched_getaffinity(other) == CPUS
        assert os.sched_getaffinity(0) == CPUS


def test_repinning_needs_no_new_descriptor(other: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open("/proc/thread-self/stat", "rb", buffering=0) as stat:
        resource.setrlimit(resource.RLIMIT_NOFILE, (stat.fileno(), hard))
        try:
            pinned = cpu_affinity.repin(stat, None, CPUS)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert pinned is not None
    assert os.sched_getaffinity(other) == {pinned}


def choices(pid: str) -> list[int]:
    """Return how many CPUs each thread of a process may use."""
    return sorted(len(os.sched_getaffinity(int(thread))) for thread in os.listdir(f"/proc/{pid}/task"))


def pinned_together(pid: str) -> bool:
    *pinned, unpinned = choices(pid)
    return bool(pinned) and set(pinned) == {1} and unpinned == len(CPUS)


def test_threads_are_not_pinned_where_that_is_switched_off(tmp_path: Path) -> None:
    with serve(tmp_path, CPU_AFFINITY="false") as server:
        server.value("app_ready")
        (worker,) = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        assert not eventually(lambda: set(choices(worker)) != {len(CPUS)}, seconds=0.5)


@pytest.mark.parametrize("workers", [1, 2])
def test_threads_of_each_worker_stay_on_one_cpu_and_follow_one_that_is_not_pinned(tmp_path: Path, workers: int) -> None:
    with serve(tmp_path, WEB_CONCURRENCY=str(workers)) as server:
        server.value("app_ready")
        master = server.process.pid
        children = Path(f"/proc/{master}/task/{master}/children")
        assert eventually(lambda: len(children.read_text().split()) == workers)
        for pid in children.read_text().split():
            assert eventually(partial(pinned_together, pid))
        assert choices(str(master)) == [len(CPUS)]
