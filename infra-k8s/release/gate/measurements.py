"""What was measured of a new revision and of the one before."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Requests:
    """What a revision's pods answered in a span of time, as Prometheus counted it.

    `by_status` counts by the status on the wire. `durations` counts the answers that were no 5xx, cumulatively by the
    upper bound of their bucket in seconds: a fast failure is not a fast answer.
    """

    by_status: Mapping[str, float]
    durations: Mapping[float, float]

    @property
    def total(self) -> float:
        return sum(self.by_status.values())

    @property
    def failed(self) -> float:
        """Return the share of 5xx; NaN of nothing."""
        failures = sum(count for status, count in self.by_status.items() if status.startswith("5"))
        return failures / self.total if self.total else math.nan

    def slow(self, threshold: float) -> float:
        """Return the share of answers over a bucket's bound in seconds; NaN of nothing, or without that bucket."""
        answered = self.durations.get(math.inf, 0)
        return 1 - self.durations.get(threshold, math.nan) / answered if answered else math.nan

    def quantile(self, share: float) -> float:
        """Return a quantile in seconds, interpolated within its bucket as histogram_quantile does; NaN of nothing."""
        bounds = sorted(self.durations)
        if not bounds or not self.durations[bounds[-1]]:
            return math.nan
        rank = share * self.durations[bounds[-1]]
        low, below = 0.0, 0.0
        for bound in bounds:
            count = self.durations[bound]
            if count >= rank and bound != math.inf:
                return low + (bound - low) * (rank - below) / (count - below) if count > below else bound
            low, below = (bound, count) if bound != math.inf else (low, below)
        return low  # beyond the last bound there is no telling how far


NOTHING = Requests({}, {})


@dataclass(frozen=True)
class Measurements:
    """The input of the judgement; an unknown value is empty or NaN, never 0.

    `problem` says in one line why there is no more. `wanted` replicas were asked for; `seen` holds the revision that
    each pod of the new ReplicaSet reports to Prometheus; `lost` is the share of the gate's own requests that failed as
    a client sees it.
    """

    problem: str = ""
    wanted: int = 0
    seen: Mapping[str, str] = field(default_factory=dict)
    requests: Requests = NOTHING
    before: Requests = NOTHING
    restarts: float = math.nan
    lost: float = math.nan
