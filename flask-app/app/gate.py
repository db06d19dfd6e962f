"""The way into the application: so many at once, so many waiting in the order of their arrival, no more."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Cell(Protocol):
    """Where one number is kept, as its item 0."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...


class Gate:
    """`slots` requests may be inside, `waiting` may queue. Cheaper than two semaphores, and fair.

    `occupied[0]` counts both; it may be put where others see it, as long as it is 0.
    """

    def __init__(self, slots: int, waiting: int) -> None:
        self.occupied: Cell = [0.0]
        self._lock = threading.Lock()
        self._slots = slots
        self._most = slots + waiting
        self._queue: deque[Callable[[], None]] = deque()

    def enter(self) -> bool:
        """Return once there is a slot; return False at once if the queue is full."""
        with self._lock:
            occupied = self.occupied[0]
            if occupied >= self._most:
                return False
            self.occupied[0] = occupied + 1
            if occupied < self._slots:
                return True
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn.release)
        turn.acquire()
        return True

    def leave(self) -> None:
        """Hand the slot on to who waits longest."""
        with self._lock:
            self.occupied[0] -= 1
            if self._queue:
                self._queue.popleft()()
