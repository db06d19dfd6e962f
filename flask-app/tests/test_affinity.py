import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from app import affinity
from tests.server import eventually, serve

CPUS = os.sched_getaffinity(0)
pytestmark = pytest.mark.skipif(len(CPUS) < 2, reason="needs two CPUs")


@pytest.fixture
def other() -> Iterator[int]:
    """Return the id of another thread of this process, and let all roam again at the end."""
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


@pytest.mark.parametrize("cpu", sorted(CPUS)[:2])
def test_others_are_gathered_where_one_is_told(other: int, cpu: int) -> None:
    affinity.gather(cpu)
    assert os.sched_getaffinity(other) == {cpu}
    assert os.sched_getaffinity(0) == CPUS


def test_a_thread_knows_where_it_is(other: int) -> None:
    for cpu in CPUS:
        os.sched_setaffinity(0, {cpu})
        assert affinity.here() == cpu


def choices(pid: str) -> list[int]:
    """Return how many CPUs each thread of a process may use."""
    return sorted(len(os.sched_getaffinity(int(thread))) for thread in os.listdir(f"/proc/{pid}/task"))


def together(pid: str) -> bool:
    *bound, guide = choices(pid)
    return bool(bound) and set(bound) == {1} and guide == len(CPUS)


@pytest.mark.parametrize("workers", [1, 2])
def test_threads_of_each_worker_stay_together_and_follow_one_that_is_free(tmp_path: Path, workers: int) -> None:
    with serve(tmp_path, WEB_CONCURRENCY=str(workers)) as server:
        server.value("app_ready")
        master = server.process.pid
        children = Path(f"/proc/{master}/task/{master}/children")
        assert eventually(lambda: len(children.read_text().split()) == workers)
        for pid in children.read_text().split():
            assert eventually(partial(together, pid))
        assert choices(str(master)) == [len(CPUS)]
