"""All threads of a worker on one CPU at a time, and that wherever the kernel finds room.

Only one thread of a process runs Python at a time. Spread over several CPUs, the others are woken there just to find
that out, which costs as much as the request. Held together they do half as much again in the same CPU time. Binding
them for good would be wrong on a node that others use: two pods may choose the same CPU while another idles. So one
thread, the guide, is never bound. The kernel wakes it on a CPU that is free if there is one, and the others follow.
"""

import os
import random
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import BinaryIO

# Often enough to give way at once for a person, seldom enough to cost a thousandth of a CPU.
SECONDS = 0.1


def follow() -> None:
    """Start the guide, where there is a choice of CPUs and a way to make it (Linux)."""
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1:
        threading.Thread(target=_guide, name="guide", daemon=True).start()


def here(stat: BinaryIO) -> int:
    """Return the CPU that a thread runs on, by its open /proc/…/stat: field 39 of proc_pid_stat(5)."""
    stat.seek(0)
    # The second field is a name that may hold anything but ends at the last parenthesis: counted from the third.
    return int(stat.read().rpartition(b")")[2].split()[36])


def gather(cpus: Collection[int]) -> None:
    """Bind all threads of this process to `cpus`, but not the one that asks. Threads that they start are bound too."""
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        # Of a main thread that was forked Python may still tell its parent's.
        native = os.getpid() if thread is threading.main_thread() else thread.native_id
        if native:
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(native, cpus)


def move(stat: BinaryIO, bound: int | None, free: Collection[int]) -> int | None:
    """Gather the threads that are `bound` where this one is now, or nowhere (`free`) if that fails; return where."""
    try:
        if (cpu := here(stat)) != bound:
            gather({cpu})
        return cpu
    except OSError:
        # Threads that are held together on a CPU that nobody chooses any more are worse off than threads that roam.
        with suppress(OSError):
            gather(free)
        return None


def _guide() -> None:
    free, bound = os.sched_getaffinity(0), None
    # Opened once: later there may be no descriptor left to ask with.
    with open("/proc/thread-self/stat", "rb", buffering=0) as stat:
        while True:
            # Several workers that all moved at the same moment would move to the same place.
            time.sleep(random.uniform(0.5, 1.5) * SECONDS)
            bound = move(stat, bound, free)
