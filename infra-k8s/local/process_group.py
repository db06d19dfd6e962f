"""Processes that run and end together."""

import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from local import children

LINES_KEPT = 20
POLL_SECONDS = 0.2


class TailBuffer:
    """The last lines of a stream, read in a thread of its own."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            self._lines.extend(line.rstrip("\n") for line in stream)

    def lines(self) -> list[str]:
        """Return the lines; of a process that has ended, all that it wrote at the end."""
        self._reader.join(timeout=1)
        return list(self._lines)


class ProcessGroup:
    """A context in which processes run; at its end all of them, and what they started, are stopped."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._tails: dict[str, TailBuffer] = {}

    def __enter__(self) -> "ProcessGroup":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        children.end(list(self._processes.values()))

    def start(self, name: str, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Start a process in a session of its own: a signal to our group is ours to pass on."""
        with children.held_back():
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            assert process.stdout is not None
            self._processes[name] = process
            self._tails[name] = TailBuffer(process.stdout)

    def first_ended(self) -> tuple[str, int] | None:
        """Return name and exit status of a process that has ended; None while all run."""
        ended = ((name, process.poll()) for name, process in self._processes.items())
        return next(((name, status) for name, status in ended if status is not None), None)

    def wait(self) -> tuple[str, int]:
        """Wait until a process ends; return its name and exit status."""
        while (ended := self.first_ended()) is None:
            time.sleep(POLL_SECONDS)
        return ended

    def tail(self, name: str) -> list[str]:
        """Return the last lines of a process."""
        return self._tails[name].lines()
