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
from contextlib import suppress
from pathlib import Path

# Often enough to give way at once for a person, seldom enough to cost a thousandth of a CPU.
SECONDS = 0.1


def follow() -> None:
    """Start the guide, where there is a choice of CPUs and a way to make it (Linux)."""
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1:
        threading.Thread(target=_guide, name="guide", daemon=True).start()


def here() -> int:
    """Return the CPU that this thread runs on: processor, field 39 of proc_pid_stat(5), counted from the third."""
    return int(Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()[36])


def gather(cpu: int) -> None:
    """Bind all threads of this process to `cpu`, but not the one that asks. Threads that they start are bound too."""
    for thread in os.listdir("/proc/self/task"):
        if int(thread) != threading.get_native_id():
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(int(thread), {cpu})


def _guide() -> None:
    bound = None
    # A system that does not let us is one where threads stay as they are.
    with suppress(OSError):
        while True:
            # Several workers that all moved at the same moment would move to the same place.
            time.sleep(random.uniform(0.5, 1.5) * SECONDS)
            if (cpu := here()) != bound:
                gather(cpu)
                bound = cpu
