"""The same counts across several worker processes, in files that are bounded in number and size.

prometheus-client's multiprocess mode names files by process id. A recycled worker then leaves its file for ever: it has
to be read at each scrape, and deleting it would make counters go back. Here a worker claims a slot, the lowest one that
no running worker holds, and continues the records of the dead one, so there are as many files as there were workers at
once. A slot is held by a lock on its file (flock), which the kernel releases however the worker ends, SIGKILL included.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.server import instruments
from app.server.records import Numbers, Records, read_records

# Numbers of a file's header. CPU is the highest CPU time that was ever reported for all processes.
OCCUPIED, PID, CPU, STREAMS, DOWNLOADS = range(5)
# Of them, those that add up to the requests in progress.
IN_PROGRESS = (OCCUPIED, STREAMS, DOWNLOADS)
# The folder of what prometheus-client's instruments count.
INSTRUMENTS = "instruments"

# Inherited by the workers from the server's process: where their files are. The temporary directory is kept here and
# not in the server's settings, which are read again at each SIGHUP.
_temporary: Path | None = None
_directory: Path | None = None
# Whether the server starts more than one worker.
_several = False
# Of this process, once it has claimed a slot.
_own: Records | None = None
# Whether it is the first worker that the server ever had.
_first = False


def prepare(directory: Path | None, workers: int) -> None:
    """Prepare the server's process before its workers start, in `directory` or else in a new one until `clean_up`.

    The directory is STATE_DIR to the workers. They count there, a single one too: a second may join it (SIGTTIN), and
    another take its place (SIGHUP).
    """
    global _temporary, _directory, _several
    _several = workers > 1
    if directory is None:
        _temporary = _make_temporary()
    state = directory or _temporary
    assert state is not None
    os.environ["STATE_DIR"] = str(state)
    for leftover in itertools.chain(state.glob("worker-*"), state.glob("faults.json")):
        leftover.unlink()
    shutil.rmtree(state / INSTRUMENTS, ignore_errors=True)
    (state / INSTRUMENTS).mkdir()
    _directory = state


def clean_up() -> None:
    """Remove the directory that `prepare` made."""
    if _temporary:
        shutil.rmtree(_temporary, ignore_errors=True)


def _make_temporary() -> Path:
    """Make a directory, and remove those of servers that were killed: a pod's /tmp outlives its containers.

    A server that lives holds a lock on its own, taken before the directory gets the name that others look for.
    """
    for leftover in Path(tempfile.gettempdir()).glob("flask-app-server-*"):
        with suppress(OSError):  # it belongs to another user
            descriptor = os.open(leftover, os.O_RDONLY)
            if _lock(descriptor):
                shutil.rmtree(leftover)
            os.close(descriptor)
    fresh = Path(tempfile.mkdtemp(prefix=".flask-app-server-"))
    _lock(os.open(fresh, os.O_RDONLY))
    return fresh.rename(fresh.with_name(fresh.name.removeprefix(".")))


def _lock(descriptor: int) -> bool:
    """Lock an open file until every process that inherited it has closed it; return False at once if it is locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _exclusively(directory: Path) -> Iterator[None]:
    """Let one process at a time try slots: an attempt locks a slot for a moment, and another would see it as taken."""
    with (directory / "slots.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _try_slot(directory: Path, slot: int) -> Records | None:
    file = os.fdopen(os.open(directory / f"worker-{slot}", os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    if not _lock(file.fileno()):
        file.close()
        return None
    records = Records(file)
    # The requests that the dead worker was serving are not in progress any more.
    for number in (PID, *IN_PROGRESS):
        records.header[number] = 0
    return records


def claim_slot() -> None:
    """Claim the lowest free slot for this process and count there; call it before the application is made."""
    global _own, _first
    if _directory:
        with _exclusively(_directory):
            _first = not _files()
            slot = 0
            while (records := _try_slot(_directory, slot)) is None:
                slot += 1
            records.header[PID] = os.getpid()
            _own = records
            instruments.share(_directory / INSTRUMENTS, slot)


def release_dead_slots() -> None:
    """Reset the in-progress counts of dead workers; what they counted stays."""
    if _directory:
        with _exclusively(_directory):
            for path in _files():
                slot = int(path.name.removeprefix("worker-"))
                if _try_slot(_directory, slot):
                    instruments.drop_live_gauges(_directory / INSTRUMENTS, slot)


def own_records() -> Records:
    """Return where this process counts: the shared file of its slot if it claimed one, else new ones in memory."""
    return _own or Records()


def is_alone() -> bool:
    """Return whether this process has counted everything: there never was another worker, and none is to start."""
    return _own is None or (_first and not _several and len(_files()) == 1)


def read_all(own: Records) -> list[bytes]:
    """Return the records of all workers, running or dead, or those of this process where there is no server."""
    return [path.read_bytes() for path in _files()] if _own else [own.read()]


def _files() -> list[Path]:
    return list(_directory.glob("worker-*")) if _directory else []


def headers() -> list[Numbers]:
    """Return the header of every slot: what its last worker wrote about itself."""
    return [header for path in _files() for _, header in itertools.islice(read_records(path.read_bytes()), 1)]
