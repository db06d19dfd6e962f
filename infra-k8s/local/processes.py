"""Processes that live and die together: honcho, told to be quiet, to take every signal, and to say who died of what."""

import shlex
import signal
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from honcho.manager import Manager
from honcho.printer import Message, Printer

from local.children import SIGNALS

LINES_KEPT = 20


class LastLines(Printer):  # type: ignore[misc]  # honcho is not typed
    """Keep the last lines of each process instead of printing all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=LINES_KEPT))

    def write(self, message: Message) -> None:
        """Keep a line."""
        text = message.data.decode(errors="replace") if isinstance(message.data, bytes) else message.data
        self.kept[message.name].append(text.rstrip("\n"))


class Together(Manager):  # type: ignore[misc]  # honcho is not typed
    """Run processes until one of them ends or a signal comes; then all of them are stopped, and gone."""

    def __init__(self, started: Callable[[], None]) -> None:
        """Call `started` in a thread of its own once all have been started."""
        self.lines = LastLines()
        super().__init__(self.lines)
        self.started = started
        self.asked_to_stop = False

    def add(self, name: str, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Add a process; its shell replaces itself by it, so that it gets the signals."""
        self.add_process(name, f"exec {shlex.join(command)}", cwd=str(cwd), env=dict(env))

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Stop all, as asked; the handler of every signal that asks for it."""
        self.asked_to_stop = True
        self.terminate()

    def terminate(self) -> None:
        """Send SIGTERM to all, as soon as all can be reached."""
        if self._all_started():
            super().terminate()
        else:
            later = threading.Timer(0.05, self.terminate)
            later.daemon = True
            later.start()

    def _start(self) -> None:
        # loop() has set its own handlers by now. A script's background job inherits an ignored SIGINT; a handler
        # of ours takes its place.
        for each in SIGNALS:
            signal.signal(each, self.stop)
        super()._start()
        threading.Thread(target=self.started, daemon=True).start()

    def first_dead(self) -> tuple[str, int] | None:
        """Return name and exit status of the process that ended without being asked."""
        if self.asked_to_stop:
            return None
        ended = [(name, each["returncode"]) for name, each in self._processes.items() if "returncode" in each]
        return next((each for each in ended if each[1] == self.returncode), None)
