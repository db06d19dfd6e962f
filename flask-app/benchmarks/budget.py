"""A CPU budget such as a container's: a quota of CPU time, while threads stay free to move between CPUs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_MICROSECONDS = 100_000
V1 = Path("/sys/fs/cgroup/cpu")
V2 = Path("/sys/fs/cgroup")


class BudgetError(Exception):
    """This machine lets us make no control group."""


@contextmanager
def budget(cpus: float) -> Iterator[Path]:
    """Make a control group that may use so many CPUs; yield the file that a process writes its id to. Needs root."""
    quota = int(cpus * PERIOD_MICROSECONDS)
    legacy = (V1 / "cpu.cfs_quota_us").exists()
    group = (V1 if legacy else V2) / f"flask-app-bench-{os.getpid()}-{quota}"
    try:
        group.mkdir()
        if legacy:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        raise BudgetError(f"no CPU budget of {cpus:g} can be set here ({error}): run as root on Linux") from None
    try:
        yield group / "cgroup.procs"
    finally:
        group.rmdir()
