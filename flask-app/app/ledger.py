"""Numbers by key, in memory or in a file that other processes read and that outlives its writer.

Why not prometheus-client's own values: each increment of one takes a lock and several calls, in its multiprocess mode
a packed copy too, and a request needs several. Here it is one lock and an addition in place for each number.

A file is a row of pages, each with its numbers first and then its key; it grows by a page for each new key and never
otherwise. A page is appended whole and an aligned 8-byte number is written in one piece, so a reader needs no lock.
"""

import json
import mmap
import os
import threading
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

NUMBERS = 16
PAGE_BYTES = mmap.ALLOCATIONGRANULARITY
_NUMBER_BYTES = 8 * NUMBERS

Key = tuple[str, ...]
Numbers: TypeAlias = "memoryview[float]"


class Ledger:
    """Pages of NUMBERS numbers, zero at first. `front`, the first, is about the writer itself and has no key.

    The pages of who wrote into `file` before are continued.
    """

    def __init__(self, file: BinaryIO | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._pages = [self._page(0)]
        self.front = _numbers(self._pages[0])
        if file:
            self._pages += [self._page(number) for number in range(1, os.fstat(file.fileno()).st_size // PAGE_BYTES)]
        self._by_key = {key: numbers for page in self._pages[1:] for key, numbers in pages(page)}

    def numbers(self, key: Key) -> Numbers:
        """Return the numbers of `key`, to be changed in place by one thread at a time."""
        with self._lock:
            if key not in self._by_key:
                self._pages.append(self._page(len(self._pages), key))
                self._by_key[key] = _numbers(self._pages[-1])
            return self._by_key[key]

    def read(self) -> bytes:
        """Return all pages as they are now."""
        return b"".join(self._pages)

    def _page(self, number: int, key: Key = ()) -> memoryview:
        fresh = (bytes(_NUMBER_BYTES) + json.dumps(key).encode()).ljust(PAGE_BYTES, b"\0")
        if self._file is None:
            return memoryview(bytearray(fresh))
        place = number * PAGE_BYTES
        if os.fstat(self._file.fileno()).st_size <= place:
            os.pwrite(self._file.fileno(), fresh, place)
        return memoryview(mmap.mmap(self._file.fileno(), PAGE_BYTES, offset=place))


def pages(data: bytes | memoryview) -> Iterator[tuple[Key, Numbers]]:
    """Yield the keys and numbers of pages that were read."""
    view = memoryview(data)
    for start in range(0, len(view) - PAGE_BYTES + 1, PAGE_BYTES):
        page = view[start : start + PAGE_BYTES]
        yield tuple(json.loads(bytes(page[_NUMBER_BYTES:]).rstrip(b"\0"))), _numbers(page)


def _numbers(page: memoryview) -> Numbers:
    return page[:_NUMBER_BYTES].cast("d")
