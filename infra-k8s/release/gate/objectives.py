"""The service level objectives, as the chart's values state them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Objectives:
    """What a revision has to hold: shares of all requests, and the seconds within which an answer is fast."""

    availability: float
    fast: float
    threshold: float

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> "Objectives":
        """Read the values of a release, the chart's defaults among them."""
        slo = values["prometheusRule"]["slo"]
        return cls(float(slo["availability"]), float(slo["latency"]["objective"]), float(slo["latency"]["threshold"]))

    @property
    def fewest(self) -> float:
        """Return the fewest requests that can show them.

        With fewer requests, one failure uses more than half of the error budget: the limit after a clean revision.
        """
        return max(2 / (1 - self.availability), 2 / (1 - self.fast))
