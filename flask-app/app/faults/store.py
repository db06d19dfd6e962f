"""Which faults are active, for all workers of a pod, in a small file that they share."""

import fcntl
import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self, cast

from flask import Flask

from app.config import Config
from app.faults.kinds import Fault


class FaultStore:
    """The active faults, kept in a file of `directory`.

    Reading costs one `stat` while nothing changes. Changes are made under a lock, and are atomic to readers.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "faults.json"
        self._lock = directory / "faults.lock"
        self._version: tuple[int, int] | None = None
        self._faults: Mapping[str, Fault] = {}

    @classmethod
    def of(cls, app: Flask) -> Self | None:
        """Return the store of `app`, or None where faults are not enabled."""
        return cast(Self | None, app.extensions.get("fault_store"))

    def active(self) -> Mapping[str, Fault]:
        """Return the active faults by kind."""
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return {}
        if (version := (status.st_ino, status.st_mtime_ns)) != self._version:
            self._faults = self._read()
            self._version = version
        return (
            {kind: fault for kind, fault in self._faults.items() if fault.remaining} if self._faults else self._faults
        )

    def start(self, fault: Fault) -> None:
        """Start `fault`, in place of an active one of its kind."""
        with self._changed() as faults:
            faults[fault.kind] = fault

    def stop(self, kind: str) -> None:
        """Stop the fault of `kind`, if it is active."""
        with self._changed() as faults:
            faults.pop(kind, None)

    def clear(self) -> None:
        """Stop all faults, without waiting for the lock."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Fault]:
        return {kind: Fault(**fields) for kind, fields in json.loads(self._path.read_text()).items()}

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Fault]]:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            faults = dict(self.active())
            yield faults
            whole = self._path.with_suffix(".new")
            whole.write_text(json.dumps({kind: asdict(fault) for kind, fault in faults.items()}))
            whole.replace(self._path)


def init_app(app: Flask) -> None:
    """Give `app` an empty store of faults, if its settings enable them."""
    config = Config.of(app)
    if not config.faults_enabled:
        return
    directory = config.state_dir
    if directory is None:
        # Without the server, which makes one: there is one process, and the directory is removed with its application.
        directory = Path(tempfile.mkdtemp(prefix="flask-app-"))
        weakref.finalize(app, shutil.rmtree, directory, ignore_errors=True)
    app.extensions["fault_store"] = FaultStore(directory)
