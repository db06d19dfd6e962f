"""Which faults are on: one answer for all workers of a pod, from a small file that they share."""

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
from app.faults import Fault


class FaultState:
    """The faults that are on, kept in a file of `directory`.

    Asking costs one `stat` while nothing changes. Changes are made under a lock, and seen whole or not at all.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "faults.json"
        self._lock = directory / "faults.lock"
        self._version: tuple[int, int] | None = None
        self._faults: Mapping[str, Fault] = {}

    @classmethod
    def of(cls, app: Flask) -> Self | None:
        """Return the state of `app`, or None where the feature is off."""
        return cast(Self | None, app.extensions.get("fault_state"))

    def active(self) -> Mapping[str, Fault]:
        """Return the faults that have not ended, by kind."""
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
        """Switch `fault` on, in place of one of its kind."""
        with self._change() as faults:
            faults[fault.kind] = fault

    def stop(self, kind: str) -> None:
        """Switch the fault of `kind` off, if it is on."""
        with self._change() as faults:
            faults.pop(kind, None)

    def clear(self) -> None:
        """Switch everything off, without waiting for anyone."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Fault]:
        return {kind: Fault(**fields) for kind, fields in json.loads(self._path.read_text()).items()}

    @contextmanager
    def _change(self) -> Iterator[dict[str, Fault]]:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            faults = dict(self.active())
            yield faults
            whole = self._path.with_suffix(".new")
            whole.write_text(json.dumps({kind: asdict(fault) for kind, fault in faults.items()}))
            whole.replace(self._path)


def init_app(app: Flask) -> None:
    """Give `app` its state of faults, empty, if its settings enable them."""
    config = Config.of(app)
    if not config.faults_enabled:
        return
    directory = config.state_dir
    if directory is None:
        # Not under the server that makes one: then there is one process, and the directory goes with its application.
        directory = Path(tempfile.mkdtemp(prefix="flask-app-"))
        weakref.finalize(app, shutil.rmtree, directory, ignore_errors=True)
    app.extensions["fault_state"] = FaultState(directory)
