"""The decision: may the new revision stay? Pure, so that every case of it can be tried without a cluster."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from release.gate.measurements import NOTHING, Measurements
from release.gate.objectives import Objectives


class Verdict(Enum):
    """The verdict on one measure."""

    PASSED = "passed"
    WORSE = "worse"
    NO_DATA = "no data"


@dataclass(frozen=True)
class Row:
    """One measure: of the new revision, of the one before, and the limit that was applied, as people read them."""

    measure: str
    new: str
    before: str
    limit: str
    verdict: Verdict


def judge(measured: Measurements, objectives: Objectives, revision: str = "") -> list[Row]:
    """Judge every measure; the gate is passed if all rows are. An unknown value never passes."""
    if measured.problem:
        return [Row("measurements", measured.problem, "", "", Verdict.NO_DATA)]
    return [replicas(measured, revision), *traffic(measured, objectives), restarts(measured)]


def limit(allowed: float, before: float) -> float:
    """Return the most that a measure may be, given what the objective allows and what it was before, NaN if unknown.

    Without a revision before, the objective alone decides. One that missed the objective itself is the limit: going
    back would fix nothing. Otherwise a measure must not double, unless it stays below half of what is allowed.
    """
    if math.isnan(before):
        return allowed
    if before >= allowed:
        return before
    return min(allowed, max(allowed / 2, 2 * before))


def replicas(measured: Measurements, revision: str) -> Row:
    """Judge whether every wanted replica reports its revision to Prometheus, and the expected one if one is given."""
    named = sorted({each[:12] for each in measured.seen.values()})
    new = f"{len(measured.seen)} ({', '.join(named)})" if named else "none"
    if revision and any(each != revision for each in measured.seen.values()):
        return Row("replicas that report", new, "", f"all {revision[:12]}", Verdict.WORSE)
    enough = 0 < measured.wanted <= len(measured.seen)
    return Row("replicas that report", new, "", str(measured.wanted), Verdict.PASSED if enough else Verdict.NO_DATA)


def traffic(measured: Measurements, objectives: Objectives) -> Iterator[Row]:
    """Judge errors and latency, once there are enough requests."""
    new, before, fewest = measured.requests, measured.before, objectives.fewest
    enough = Verdict.PASSED if new.total >= fewest else Verdict.NO_DATA
    yield Row("requests counted", f"{new.total:.0f}", f"{before.total:.0f}", f"at least {fewest:.0f}", enough)
    if enough is Verdict.NO_DATA:
        return
    if before.total < fewest:
        before = NOTHING  # too few to compare with
    errors, slow, threshold = 1 - objectives.availability, 1 - objectives.fast, objectives.threshold
    yield compared("5xx", new.failed, before.failed, errors, "{:.2%}")
    yield compared("lost, as a client sees it", measured.lost, math.nan, errors, "{:.2%}")
    yield compared(f"slower than {threshold:g} s", new.slow(threshold), before.slow(threshold), slow, "{:.2%}")
    for share in (0.95, 0.99):
        # A quantile beyond the objective's may lie anywhere: the share of slow answers has judged it.
        allowed = threshold if share <= objectives.fast else math.inf
        yield compared(f"p{100 * share:.0f}", new.quantile(share), before.quantile(share), allowed, "{:.3f} s")


def compared(measure: str, new: float, before: float, allowed: float, form: str) -> Row:
    """Judge a number; less is better."""
    most = limit(allowed, before)
    verdict = Verdict.NO_DATA if math.isnan(new) else Verdict.PASSED if new <= most else Verdict.WORSE
    shown = [form.format(number) if math.isfinite(number) else "-" for number in (new, before, most)]
    return Row(measure, shown[0], shown[1], shown[2], verdict)


def restarts(measured: Measurements) -> Row:
    """Judge restarts: a container of a revision that is minutes old has no reason to have been restarted."""
    return compared("container restarts", measured.restarts, math.nan, 0, "{:.0f}")
