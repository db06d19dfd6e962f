"""Measure a rollout: send requests from inside the cluster for a set time, then ask Prometheus about them."""

import math
import time
from collections.abc import Callable, Sequence

import httpx
import kr8s

from clients.monitoring import prometheus_client
from clients.prometheus import Prometheus, until
from release.gate import counting
from release.gate.measurements import NOTHING, Measurements
from release.gate.rollout import Rollout
from release.load import Load, Report

COMPARED_SECONDS = 1800  # seconds of the revision before that the new one is compared with
SCRAPE_TIMEOUT_SECONDS = 90  # seconds in which Prometheus has to scrape every pod once more: three long intervals
NEW_FOR_SECONDS = 600  # a rollout is new for so long; restarts in an older one count only from the start of the watch
PROGRESS_SECONDS = 10  # seconds between two lines of progress
# The operator makes this Service beside every Prometheus, whatever the release of the stack is called.
PROMETHEUS = "prometheus-operated"

Say = Callable[[str], None]


def watch(
    rollout: Rollout, paths: Sequence[str], *, seconds: float, rate: float, monitoring: str, say: Say
) -> Measurements:
    """Return the measurements; an error that prevents them is reported as their `problem`."""
    try:
        with prometheus_client(monitoring, PROMETHEUS) as prometheus:
            prometheus.query("vector(1)")  # fail now, not after the load
        begin = time.time()
        report = send(rollout, paths, seconds=seconds, rate=rate, say=say)
        with prometheus_client(monitoring, PROMETHEUS) as prometheus:
            scraped_since(prometheus, rollout, time.time())
            return measure(prometheus, rollout, report, begin)
    except (httpx.HTTPError, kr8s.NotFoundError, kr8s.ServerError, OSError, RuntimeError) as error:
        return Measurements(problem=f"{str(error) or type(error).__name__}")


def measure(prometheus: Prometheus, rollout: Rollout, report: Report, begin: float) -> Measurements:
    """Ask Prometheus what both revisions counted, each in its time."""
    new, end = rollout.selector(rollout.new), time.time()
    before = NOTHING
    since = rollout.begun if begin - rollout.begun < NEW_FOR_SECONDS else begin
    if rollout.old:
        old = rollout.selector(rollout.old)
        before = counting.requests(prometheus, old, rollout.begun - COMPARED_SECONDS, rollout.begun)
    return Measurements(
        wanted=rollout.wanted,
        seen=counting.builds(prometheus, new),
        requests=counting.requests(prometheus, new, begin, end),
        before=before,
        restarts=counting.restarts(prometheus, new, rollout.pods, since, end),
        lost=report.failed / report.sent if report.sent else math.nan,
    )


def send(rollout: Rollout, paths: Sequence[str], *, seconds: float, rate: float, say: Say) -> Report:
    """Send requests through the Service for `seconds` and return the load's report."""
    arguments = ["--url", rollout.url, "--rate", f"{rate:g}", "--seconds", f"{seconds:g}", "--timeout", "5"]
    for path in paths:
        arguments += ["--path", path]
    load = Load(rollout.namespace, f"gate-{time.time():.0f}", rollout.image, arguments)
    try:
        load.start()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            say(f"{seconds - left:.0f} of {seconds:.0f} s at {rate:g} requests/s")
            time.sleep(min(PROGRESS_SECONDS, left))
        return load.report(60)
    finally:
        for thing in (load.job, load.script):
            if thing.exists():
                thing.delete(propagation_policy="Background")


def scraped_since(prometheus: Prometheus, rollout: Rollout, moment: float) -> None:
    """Wait until every ready pod was scraped after a moment; raise TimeoutError if one is not."""

    def complaint() -> str:
        found = prometheus.query(f"timestamp(app_build_info{{{rollout.selector(rollout.new)}}})")
        late = set(rollout.pods) - {sample.labels["pod"] for sample in found if sample.value > moment}
        return f"{', '.join(sorted(late))} not scraped" if late else ""

    until(SCRAPE_TIMEOUT_SECONDS, "a scrape of every pod of the new revision after its traffic", complaint)
