"""Keep all threads of a worker on one CPU at a time, on whichever CPU the kernel finds free.

Only one thread of a process runs Python at a time. Spread over several CPUs, the others are woken there only to wait
again, which costs as much as the request. Pinned together they serve half as much again in the same CPU time. Pinning
them for good would be wrong on a node that others use: two pods may choose the same CPU while another one idles. So one
thread is never pinned. The kernel wakes it on a CPU that is free if there is one, and the other threads follow it.
"""

import os
import random
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import BinaryIO

# Often enough that a person notices no wait, seldom enough to cost a thousandth of a CPU.
INTERVAL_SECONDS = 0.1


def start() -> None:
    """Start the unpinned thread, where there are several CPUs and threads can be pinned (Linux)."""
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1:
        threading.Thread(target=_repin_for_ever, name="cpu-affinity", daemon=True).start()


def current_cpu(stat: BinaryIO) -> int:
    """Return the CPU that a thread runs on, by its open /proc/…/stat: field 39 of proc_pid_stat(5)."""
    stat.seek(0)
    # The second field is a name that may hold anything but ends at the last parenthesis: counted from the third.
    return int(stat.read().rpartition(b")")[2].split()[36])


def pin_threads(cpus: Collection[int]) -> None:
    """Pin all threads of this process but the calling one to `cpus`. Threads that they start are pinned too."""
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        # After a fork Python may still return the parent's id for the main thread.
        native = os.getpid() if thread is threading.main_thread() else thread.native_id
        if native:
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(native, cpus)


def repin(stat: BinaryIO, pinned: int | None, allowed: Collection[int]) -> int | None:
    """Pin the threads to the CPU that this one is on, if they are not `pinned` there; return that CPU.

    If that fails let them use all `allowed` CPUs, and return None.
    """
    try:
        if (cpu := current_cpu(stat)) != pinned:
            pin_threads({cpu})
        return cpu
    except OSError:
        # Threads that stay pinned to a CPU that nobody chooses any more are worse off than unpinned ones.
        with suppress(OSError):
            pin_threads(allowed)
        return None


def _repin_for_ever() -> None:
    allowed, pinned = os.sched_getaffinity(0), None
    # Opened once: later there may be no descriptor left.
    with open("/proc/thread-self/stat", "rb", buffering=0) as stat:
        while True:
            # Several workers that moved at the same moment would all move to the same CPU.
            time.sleep(random.uniform(0.5, 1.5) * INTERVAL_SECONDS)
            pinned = repin(stat, pinned, allowed)
