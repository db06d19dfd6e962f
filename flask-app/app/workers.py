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
from contextlib import contextmanager, suppress
from pathlib import Path

from app.ledger import Ledger, Numbers, pages

# Numbers of a ledger's front page. The last is the most CPU time that has been told of all processes.
OCCUPIED, PID, CPU = range(3)

# Inherited by the workers from the server's process: where their ledgers are, if there are several. What was made for
# that is kept here and not in the server's settings, which are read anew at each SIGHUP.
_made: Path | None = None
_directory: Path | None = None
_own: Ledger | None = None


def begin(directory: Path | None, several: bool) -> None:
    """Prepare the server's process before any worker starts, in `directory` or else in a new one until `end`.

    The directory is STATE_DIR to the workers. Only with `several` do they share their counts there.
    """
    global _made, _directory
    if directory is None:
        _made = _make()
    shared = directory or _made
    assert shared is not None
    os.environ["STATE_DIR"] = str(shared)
    for leftover in itertools.chain(shared.glob("worker-*"), shared.glob("faults.json")):
        leftover.unlink()
    _directory = shared if several else None


def end() -> None:
    """Remove what `begin` made."""
    if _made:
        shutil.rmtree(_made, ignore_errors=True)


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


@contextmanager
def _in_turn(directory: Path) -> Iterator[None]:
    """Let one process at a time try slots: a try holds them for a moment, and they would look taken to another."""
    with (directory / "slots.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
        with _in_turn(_directory):
            _own = next(ledger for slot in itertools.count() if (ledger := _take(_directory, slot)))
            _own.front[PID] = os.getpid()


def buried() -> None:
    """Forget what workers were doing that have died and are not replaced."""
    if _directory:
        with _in_turn(_directory):
            for path in _files():
                _take(_directory, int(path.name.removeprefix("worker-")))


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


def fronts() -> list[Numbers]:
    """Return the front page of every slot: what its last worker said of itself."""
    return [front for path in _files() for _, front in itertools.islice(pages(path.read_bytes()), 1)]
