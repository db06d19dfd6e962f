"""Gather the evidence: send requests from inside the cluster for a set time, then ask Prometheus about them."""

import math
import time
from collections.abc import Callable, Sequence

import httpx
import kr8s

from clients.monitoring import prometheus_client
from clients.prometheus import Prometheus, until
from release.gate import counting
from release.gate.evidence import NOTHING, Evidence
from release.gate.rollout import Rollout
from release.load import Load, Report

LOOKED_BACK = 1800  # seconds of the revision before that are compared with
SCRAPED = 90  # seconds in which Prometheus has to scrape every pod once more: three long intervals
ROLLED_OUT = 600  # seconds for which a rollout is new; what restarted in an older one before the watch is another story
TOLD = 10  # seconds between two lines of progress
# The operator makes this Service beside every Prometheus, whatever the release of the stack is called.
PROMETHEUS = "prometheus-operated"

Say = Callable[[str], None]


def watch(
    rollout: Rollout, paths: Sequence[str], *, seconds: float, rate: float, monitoring: str, say: Say
) -> Evidence:
    """Return the evidence; whatever keeps it from being gathered is its problem, never a silence."""
    try:
        with prometheus_client(monitoring, PROMETHEUS) as prometheus:
            prometheus.query("vector(1)")  # it answers: otherwise nobody need wait for the end
        begin = time.time()
        report = sent(rollout, paths, seconds=seconds, rate=rate, say=say)
        with prometheus_client(monitoring, PROMETHEUS) as prometheus:
            scraped_since(prometheus, rollout, time.time())
            return gathered(prometheus, rollout, report, begin)
    except (httpx.HTTPError, kr8s.NotFoundError, kr8s.ServerError, OSError, RuntimeError) as error:
        return Evidence(problem=f"{str(error) or type(error).__name__}")


def gathered(prometheus: Prometheus, rollout: Rollout, report: Report, begin: float) -> Evidence:
    """Ask Prometheus what both revisions did, each in its time."""
    new, end = rollout.selector(rollout.new), time.time()
    before = NOTHING
    since = rollout.begun if begin - rollout.begun < ROLLED_OUT else begin
    if rollout.old:
        old = rollout.selector(rollout.old)
        before = counting.requests(prometheus, old, rollout.begun - LOOKED_BACK, rollout.begun)
    return Evidence(
        wanted=rollout.wanted,
        seen=counting.builds(prometheus, new),
        requests=counting.requests(prometheus, new, begin, end),
        before=before,
        restarts=counting.restarts(prometheus, new, rollout.pods, since, end),
        lost=report.failed / report.sent if report.sent else math.nan,
    )


def sent(rollout: Rollout, paths: Sequence[str], *, seconds: float, rate: float, say: Say) -> Report:
    """Send requests through the Service for so long and return the report."""
    arguments = ["--url", rollout.url, "--rate", f"{rate:g}", "--seconds", f"{seconds:g}", "--timeout", "5"]
    for path in paths:
        arguments += ["--path", path]
    load = Load(rollout.namespace, f"gate-{time.time():.0f}", rollout.image, arguments)
    try:
        load.start()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            say(f"{seconds - left:.0f} of {seconds:.0f} s at {rate:g} requests/s")
            time.sleep(min(TOLD, left))
        return load.report(60)
    finally:
        for thing in (load.job, load.script):
            if thing.exists():
                thing.delete(propagation_policy="Background")


def scraped_since(prometheus: Prometheus, rollout: Rollout, moment: float) -> None:
    """Wait until every ready pod was scraped after a moment; raise TimeoutError where that does not come."""

    def complaint() -> str:
        found = prometheus.query(f"timestamp(app_build_info{{{rollout.selector(rollout.new)}}})")
        late = set(rollout.pods) - {sample.labels["pod"] for sample in found if sample.value > moment}
        return f"{', '.join(sorted(late))} not scraped" if late else ""

    until(SCRAPED, "a scrape of every pod of the new revision after its traffic", complaint)
