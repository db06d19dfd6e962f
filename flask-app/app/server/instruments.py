"""Let prometheus-client's instruments count across workers: each Counter, Gauge, Histogram and Summary of any module.

prometheus-client keeps every number in an object of a value class. The one here keeps it in memory, and once its
process has claimed a slot also in the files of that slot, in prometheus-client's own format, which its own collector
reads. Its multiprocess mode has files by process id, which multiply with every worker. Here a successor in a slot
continues the counts of the worker before it: the number of files is bounded, and no count goes back.
"""

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Metric, values
from prometheus_client.core import Exemplar
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.config import ConfigError

_lock = threading.Lock()
_values: "weakref.WeakSet[SharedValue]" = weakref.WeakSet()
# Of this process, once it has claimed a slot: the end of its files' names, and the files by the beginning of theirs.
_slot: tuple[Path, int] | None = None
_files: dict[str, Any] = {}


class SharedValue:
    """One number of an instrument, as prometheus-client's own value classes."""

    def __init__(
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: list[str],
        labelvalues: list[str],
        help_text: str,
        multiprocess_mode: str = "",
        **kwargs: Any,
    ) -> None:
        self.metric_name = metric_name
        self._kind = f"{typ}_{multiprocess_mode}" if typ == "gauge" else typ
        self._key = mmap_key(metric_name, name, labelnames, labelvalues, help_text)
        self._value = 0.0
        self._timestamp = 0.0
        self._exemplar: Exemplar | None = None
        self._file: Any = None
        with _lock:
            _values.add(self)
            if _slot:
                self.share()

    def share(self) -> None:
        """Continue in this process's slot; what a module set while it was imported is kept where nothing was before."""
        self._file = _file(self._kind)
        before, timestamp = self._file.read_value(self._key)
        if self._replaces(before, timestamp):
            self._file.write_value(self._key, self._value, self._timestamp)
        else:
            self._value, self._timestamp = before, timestamp

    def _replaces(self, before: float, timestamp: float) -> bool:
        if self._kind.endswith("mostrecent"):
            return self._timestamp > timestamp
        return bool(self._value) and (not before or self._kind.startswith("gauge"))

    def inc(self, amount: float) -> None:
        """Add `amount`."""
        with _lock:
            self._value += amount
            if self._file:
                self._file.write_value(self._key, self._value, 0.0)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Set the value; `timestamp`, in seconds, decides which worker's is the most recent."""
        with _lock:
            self._value, self._timestamp = value, timestamp or 0.0
            if self._file:
                self._file.write_value(self._key, value, self._timestamp)

    def get(self) -> float:
        """Return the value of this process."""
        return self._value

    def set_exemplar(self, exemplar: Exemplar) -> None:
        """Keep an exemplar; only one worker exposes it."""
        self._exemplar = exemplar

    def get_exemplar(self) -> Exemplar | None:
        """Return the exemplar that was kept last."""
        return self._exemplar


def _file(kind: str) -> Any:
    assert _slot is not None
    if kind not in _files:
        directory, slot = _slot
        _files[kind] = MmapedDict(str(directory / f"{kind}_{slot}.db"))  # type: ignore[no-untyped-call]
    return _files[kind]


def install() -> None:
    """Make this the value class of all instruments; those that exist already keep theirs."""
    values.ValueClass = SharedValue


def share(directory: Path, slot: int) -> None:
    """Continue the instruments of this process in the files of its slot."""
    global _slot
    with _lock:
        drop_live_gauges(directory, slot)
        _slot = directory, slot
        for value in _values:
            value.share()


def drop_live_gauges(directory: Path, slot: int) -> None:
    """Delete the gauges that describe running workers only, of a worker that has died."""
    for leftover in directory.glob(f"gauge_live*_{slot}.db"):
        leftover.unlink(missing_ok=True)


def check_shareable() -> None:
    """Raise ConfigError, in one line that names them, where several workers are to share what they cannot share."""
    if names := unshareable():
        raise ConfigError(
            f"several workers cannot share an Info, an Enum or a gauge's set_function: {', '.join(names)}"
        )


def unshareable(registry: CollectorRegistry = REGISTRY) -> list[str]:
    """Return the instruments of `registry` that several workers cannot share: Info, Enum, and gauges of a function."""
    names = {family.name for family in registry.collect() if family.type in ("info", "stateset")}
    return sorted(names | _of_functions(registry))


def _of_functions(registry: CollectorRegistry) -> set[str]:
    """Return the gauges whose value is a function's, which is in no file."""
    gauges = [each for each in list(registry._collector_to_names) if isinstance(each, Gauge)]
    children = {gauge._name: [gauge, *list(getattr(gauge, "_metrics", {}).values())] for gauge in gauges}
    return {name for name, each in children.items() if any("_child_samples" in vars(child) for child in each)}


class InstrumentCollector(Collector):
    """All instruments of `registry`: what all workers counted, running or dead, or this process if it `is_alone`."""

    def __init__(self, registry: CollectorRegistry = REGISTRY, is_alone: Callable[[], bool] = lambda: False) -> None:
        self._registry = registry
        self._is_alone = is_alone

    def collect(self) -> Iterator[Metric]:
        """Read the files of all slots, and then what is in no file."""
        if not _slot or self._is_alone():
            yield from self._registry.collect()
            return
        functions = _of_functions(self._registry)
        shared = [family for family in _merged(_slot[0]) if family.name not in functions]
        yield from shared
        with _lock:  # another thread may be adding one
            seen = {value.metric_name for value in _values} - functions
        seen |= {family.name for family in shared}
        for family in self._registry.collect():
            # prometheus-client's own describe one worker.
            if family.name not in seen and not family.name.startswith(("process_", "python_gc_")):
                yield family


def _merged(directory: Path) -> Iterable[Metric]:
    # A file is empty for a moment when it is made, which prometheus-client cannot read.
    files = [str(path) for path in directory.glob("*.db") if _size(path)]
    return MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call,no-any-return]


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:  # a live gauge of a worker that has just died
        return 0
