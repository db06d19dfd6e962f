"""How many requests run at once, how many wait in the order of their arrival, and which are refused."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

# Requests that may wait for a slot.
MAX_WAITING = 256
# Responses that are made while they are sent, and upgraded connections; and large bodies on their way to slow clients.
# Each holds a thread, so neither may take those of the other, and no other request waits for them.
MAX_STREAMS = 256
MAX_DOWNLOADS = 128
# Requests for the same probe at the same time, all but one of them waiting: a flood of scrapes must not take the
# threads of the probes that keep the process alive.
MAX_PER_PROBE = 8


class Cell(Protocol):
    """Where one number is kept, as its item 0."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...


class ConcurrencyLimiter:
    """Let `slots` requests run and `waiting` ones queue. Cheaper than two semaphores, and fair.

    `occupied[0]` counts both; it may be put where others read it, as long as it is 0.
    """

    def __init__(self, slots: int, waiting: int) -> None:
        self.occupied: Cell = [0.0]
        self._lock = threading.Lock()
        self._slots = slots
        self._limit = slots + waiting
        self._queue: deque[Callable[[], None]] = deque()

    def acquire(self) -> bool:
        """Return True once there is a slot; return False at once if the queue is full."""
        with self._lock:
            occupied = self.occupied[0]
            if occupied >= self._limit:
                return False
            self.occupied[0] = occupied + 1
            if occupied < self._slots:
                return True
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn.release)
        turn.acquire()
        return True

    def release(self) -> None:
        """Hand the slot to the request that has waited longest."""
        with self._lock:
            self.occupied[0] -= 1
            if self._queue:
                self._queue.popleft()()
