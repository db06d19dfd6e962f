"""process_* of all workers together, from /proc: prometheus-client's own are those of one worker."""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.server import worker_slots
from app.server.records import Records

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MAX_DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _boot() -> float:
    """Return when the machine started, in seconds since the epoch; 0 where there is no /proc."""
    try:
        return float(Path("/proc/stat").read_text().partition("\nbtime ")[2].split()[0])
    except OSError:
        return 0.0


# Read once, before there are workers: with the clock that somebody sets, the kernel's answer changes.
_BOOT = _boot()


class ProcessMetrics(Collector):
    """process_* of the server and all its workers together; a worker that has ended stays in the CPU time.

    `own` are the records of this process. While it `is_alone`, there are none of these.
    """

    def __init__(self, own: Records, is_alone: Callable[[], bool] = lambda: False) -> None:
        self._own = own
        self._is_alone = is_alone
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """Read /proc; yield nothing where there is none."""
        if self._is_alone():
            return
        server = os.getppid()
        pids = [server, *_children(server)]
        stats = [stat for pid in pids if (stat := _stat(pid))]
        if not stats:
            return
        # Fields as in proc_pid_stat(5), counted from the third: starttime is 19, vsize 20, rss 21.
        memory, virtual = _sum(stats, 21) * _PAGE_BYTES, _sum(stats, 20)
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory size in bytes.", memory)
        yield GaugeMetricFamily("process_virtual_memory_bytes", "Virtual memory size in bytes.", virtual)
        descriptors = sum(map(_descriptors, pids))
        yield GaugeMetricFamily("process_open_fds", "Number of open file descriptors.", descriptors)
        limit = len(stats) * _MAX_DESCRIPTORS
        yield GaugeMetricFamily("process_max_fds", "Maximum number of open file descriptors.", limit)
        # The server's: it outlives the workers as the counts do.
        start = _BOOT + int(stats[0][19]) / _TICKS
        yield GaugeMetricFamily("process_start_time_seconds", "Start time in seconds since the epoch.", start)
        yield CounterMetricFamily(
            "process_cpu_seconds", "Total user and system CPU time spent in seconds.", self._cpu(stats)
        )
        yield GaugeMetricFamily("app_workers", "Worker processes that live.", len(stats) - 1)

    def _cpu(self, stats: list[list[str]]) -> float:
        # utime 11, stime 12, and of workers that have ended, cutime 13 and cstime 14. A worker that ends while all this
        # is read is in neither of them, so the result is never less than what any worker has reported before.
        cpu = (_sum(stats, 11) + _sum(stats, 12) + _sum(stats[:1], 13) + _sum(stats[:1], 14)) / _TICKS
        with self._lock:
            highest = max([cpu, *(header[worker_slots.CPU] for header in worker_slots.headers())])
            self._own.header[worker_slots.CPU] = highest
        return highest


def _children(server: int) -> list[int]:
    pids = {int(header[worker_slots.PID]) for header in worker_slots.headers()}
    return [pid for pid in pids if (stat := _stat(pid)) and int(stat[1]) == server]


def _stat(pid: int) -> list[str] | None:
    try:
        # The second field is a name that may hold anything but ends at the last parenthesis.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _sum(stats: list[list[str]], field: int) -> int:
    return sum(int(stat[field]) for stat in stats)


def _descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:  # it has ended
        return 0
