"""The memory fault: memory grows while it is active, and is released when it ends.

With several workers only the one that got the request allocates, so that a pod allocates once.
"""

import mmap
import threading
import time
from collections.abc import Callable

from app.faults.kinds import Fault

MEBIBYTE = 1 << 20
FILLING = b"\1" * MEBIBYTE


def grow(fault: Fault, is_active: Callable[[], bool]) -> threading.Thread:
    """Allocate memory as `fault` says in a new thread, until `is_active` returns False; return the thread."""
    thread = threading.Thread(target=_grow, args=(fault, is_active), name="memory-fault", daemon=True)
    thread.start()
    return thread


def _grow(fault: Fault, is_active: Callable[[], bool]) -> None:
    blocks: list[mmap.mmap] = []
    while is_active():
        if len(blocks) < fault.parameters["limit_mebibytes"] and fault.should_trigger():
            # A mapping of its own, because the allocator may keep memory that is freed.
            block = mmap.mmap(-1, MEBIBYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            block.write(FILLING)  # untouched pages would cost nothing
            blocks.append(block)
        time.sleep(1 / fault.parameters["mebibytes_per_second"])
    for block in blocks:
        block.close()
