"""Numbers by key, in memory or in a file that other processes read and that outlives its writer.

Why not prometheus-client's own values: each increment of one takes a lock and several calls, in its multiprocess mode
a packed copy too, and a request needs several. Here it is one lock and an addition in place for each number.

A file is a row of records of fixed size, each with its numbers first and then its key; it grows by a record for each
new key and never otherwise. A record is appended whole and an aligned 8-byte number is written in one piece, so that
a reader needs no lock.
"""

import json
import mmap
import os
import threading
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

NUMBERS = 16
RECORD_BYTES = mmap.ALLOCATIONGRANULARITY
_NUMBER_BYTES = 8 * NUMBERS

Key = tuple[str, ...]
Numbers: TypeAlias = "memoryview[float]"


class Records:
    """Records of NUMBERS numbers, zero at first. `header`, the first, is about the writer itself and has no key.

    The records that an earlier writer left in `file` are continued.
    """

    def __init__(self, file: BinaryIO | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._records = [self._record(0)]
        self.header = _numbers(self._records[0])
        if file:
            count = os.fstat(file.fileno()).st_size // RECORD_BYTES
            self._records += [self._record(number) for number in range(1, count)]
        self._by_key = {key: numbers for record in self._records[1:] for key, numbers in read_records(record)}

    def numbers(self, key: Key) -> Numbers:
        """Return the numbers of `key`, to be changed in place by one thread at a time."""
        with self._lock:
            if key not in self._by_key:
                self._records.append(self._record(len(self._records), key))
                self._by_key[key] = _numbers(self._records[-1])
            return self._by_key[key]

    def read(self) -> bytes:
        """Return all records as they are now."""
        return b"".join(self._records)

    def _record(self, number: int, key: Key = ()) -> memoryview:
        fresh = (bytes(_NUMBER_BYTES) + json.dumps(key).encode()).ljust(RECORD_BYTES, b"\0")
        if self._file is None:
            return memoryview(bytearray(fresh))
        start = number * RECORD_BYTES
        if os.fstat(self._file.fileno()).st_size <= start:
            os.pwrite(self._file.fileno(), fresh, start)
        return memoryview(mmap.mmap(self._file.fileno(), RECORD_BYTES, offset=start))


def read_records(data: bytes | memoryview) -> Iterator[tuple[Key, Numbers]]:
    """Yield the key and the numbers of each whole record in `data`."""
    view = memoryview(data)
    for start in range(0, len(view) - RECORD_BYTES + 1, RECORD_BYTES):
        record = view[start : start + RECORD_BYTES]
        yield tuple(json.loads(bytes(record[_NUMBER_BYTES:]).rstrip(b"\0"))), _numbers(record)


def _numbers(record: memoryview) -> Numbers:
    return record[:_NUMBER_BYTES].cast("d")
