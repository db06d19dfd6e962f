"""The same counts across several worker processes, in files that are bounded in number and size.

prometheus-client's multiprocess mode names files by process id. A recycled worker then leaves its own for ever: they
have to be read at each scrape, and deleting them would make counters go back. Here a worker takes a slot, the lowest
one that no living worker holds, and continues the ledger of the dead one, so there are as many as there were workers
at once. What holds a slot is a lock on its ledger (flock), which the kernel gives back however the worker ends, SIGKILL
included.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.ledger import Ledger, pages

# Numbers of a ledger's front page.
OCCUPIED, PID = 0, 1

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# Inherited by the workers from the server's process: where their ledgers are, if there are several.
_directory: Path | None = None
_own: Ledger | None = None


def begin(directory: Path | None, several: bool) -> Path | None:
    """Prepare the server's process before any worker starts; return the directory that it has to remove at the end.

    The directory is STATE_DIR to the workers. Only with `several` do they share their counts there.
    """
    global _directory
    made = None if directory else _make()
    shared = directory or made
    assert shared is not None
    os.environ["STATE_DIR"] = str(shared)
    for leftover in itertools.chain(shared.glob("worker-*"), shared.glob("faults.json")):
        leftover.unlink()
    _directory = shared if several else None
    return made


def end(made: Path | None) -> None:
    """Remove what `begin` made."""
    if made:
        shutil.rmtree(made, ignore_errors=True)


def _make() -> Path:
    """Make a directory, and remove those of servers that had no time to: a pod's /tmp outlives its containers.

    A server that lives holds a lock on its own, taken before the directory gets the name that others look for.
    """
    for leftover in Path(tempfile.gettempdir()).glob("flask-app-server-*"):
        with suppress(OSError):  # somebody else's
            descriptor = os.open(leftover, os.O_RDONLY)
            if _lock(descriptor):
                shutil.rmtree(leftover)
            os.close(descriptor)
    fresh = Path(tempfile.mkdtemp(prefix=".flask-app-server-"))
    _lock(os.open(fresh, os.O_RDONLY))
    return fresh.rename(fresh.with_name(fresh.name.removeprefix(".")))


def _lock(descriptor: int) -> bool:
    """Lock an open file, until all that have inherited it have closed it; return False at once if it is locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(directory: Path, slot: int) -> Ledger | None:
    file = os.fdopen(os.open(directory / f"worker-{slot}", os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    if not _lock(file.fileno()):
        file.close()
        return None
    ledger = Ledger(file)
    # What the dead worker was doing is not continued.
    ledger.front[OCCUPIED] = ledger.front[PID] = 0
    return ledger


def join() -> None:
    """Take the lowest free slot for this process and write its counts there, before it makes an application."""
    global _own
    if _directory:
        _own = next(ledger for slot in itertools.count() if (ledger := _take(_directory, slot)))
        _own.front[PID] = os.getpid()


def buried() -> None:
    """Forget what workers were doing that have died and are not replaced."""
    for path in _files():
        _take(path.parent, int(path.name.removeprefix("worker-")))


def ledger() -> Ledger:
    """Return where this process counts: one that it shares if it has joined others, else a new one of its own."""
    return _own or Ledger()


def several() -> bool:
    """Return whether this process is one of several workers."""
    return _own is not None


def read(own: Ledger) -> list[bytes]:
    """Return what all workers have counted, living or dead, or this process if it is alone."""
    return [path.read_bytes() for path in _files()] if several() else [own.read()]


def _files() -> list[Path]:
    return list(_directory.glob("worker-*")) if _directory else []


class Processes(Collector):
    """process_* of the server and all its workers together; a worker that has ended stays in the CPU time."""

    def collect(self) -> Iterator[Metric]:
        """Read /proc; yield nothing where there is none."""
        server = os.getppid()
        stats = [stat for pid in [server, *_children(server)] if (stat := _stat(pid))]
        if not stats:
            return
        # Fields as in proc_pid_stat(5), counted from the third: ppid 1, utime 11 … cstime 14, starttime 19, rss 21.
        cpu = sum(int(stat[11]) + int(stat[12]) for stat in stats) + int(stats[0][13]) + int(stats[0][14])
        yield CounterMetricFamily(
            "process_cpu_seconds", "Total user and system CPU time spent in seconds.", cpu / _CLOCK_TICKS
        )
        yield GaugeMetricFamily(
            "process_resident_memory_bytes",
            "Resident memory size in bytes.",
            sum(int(stat[21]) for stat in stats) * _PAGE_BYTES,
        )
        yield GaugeMetricFamily("app_workers", "Worker processes that live.", len(stats) - 1)


def _children(server: int) -> list[int]:
    pids = {int(front[PID]) for path in _files() for _, front in itertools.islice(pages(path.read_bytes()), 1)}
    return [pid for pid in pids if (stat := _stat(pid)) and int(stat[1]) == server]


def _stat(pid: int) -> list[str] | None:
    try:
        # The second field is a name that may hold anything but ends at the last parenthesis.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
