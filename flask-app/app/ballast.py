"""Memory that is taken on purpose: grows while a memory fault lasts, and is given back when it ends.

Of several workers the one that was asked takes it, so that a pod takes it once.
"""

import mmap
import threading
import time
from collections.abc import Callable

from app.faults import Fault

MEBIBYTE = 1 << 20
FILLING = b"\1" * MEBIBYTE


def grow(fault: Fault, is_on: Callable[[], bool]) -> threading.Thread:
    """Take memory as `fault` says in a thread of this process, until `is_on` denies; return the thread."""
    thread = threading.Thread(target=_grow, args=(fault, is_on), name="ballast", daemon=True)
    thread.start()
    return thread


def _grow(fault: Fault, is_on: Callable[[], bool]) -> None:
    blocks: list[mmap.mmap] = []
    while is_on():
        if len(blocks) < fault.parameters["limit_mebibytes"] and fault.strikes():
            # A mapping of its own, because what the allocator gets back it may keep.
            block = mmap.mmap(-1, MEBIBYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            block.write(FILLING)  # untouched pages would cost nothing
            blocks.append(block)
        time.sleep(1 / fault.parameters["mebibytes_per_second"])
    for block in blocks:
        block.close()
