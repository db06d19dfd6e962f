"""Failure on purpose: which faults there are, what can be said about each, and what was said.

A fault strikes a share (`rate`) of its occasions, for a number of `seconds`, within a scope (`route`). The occasions of
latency, errors and crash are requests; those of unready are questions about readiness; those of memory are mebibytes.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import random
from time import monotonic
from typing import Any, Self

LONGEST_SECONDS = 3600
EVERYWHERE = "*"


class InvalidFault(ValueError):
    """What was asked for cannot be: names the field, its value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {json.dumps(value)[:100]}: must be {allowed}")
        self.field = field
        self.allowed = allowed


@dataclass(frozen=True)
class Number:
    """A number that can be chosen, with its bounds, both allowed, and what it is when nobody says."""

    low: float
    high: float
    default: float

    def check(self, field: str, value: object) -> float:
        """Return `value` if it is within bounds, else raise InvalidFault."""
        # JSON's true and false are no numbers, Python's are.
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise InvalidFault(field, value, f"a number from {self.low:g} to {self.high:g}")
        return value


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    values: tuple[int, ...]
    default: int

    def check(self, field: str, value: object) -> int:
        """Return `value` if it is one of the values, else raise InvalidFault."""
        if isinstance(value, bool) or not isinstance(value, int) or value not in self.values:
            raise InvalidFault(field, value, f"one of {', '.join(map(str, self.values))}")
        return value


@dataclass(frozen=True)
class Kind:
    """One way to fail: what is its own to choose, and whether it has routes for a scope."""

    parameters: Mapping[str, Number | Choice]
    by_route: bool


COMMON = {"rate": Number(0.001, 1, default=1), "seconds": Number(1, LONGEST_SECONDS, default=60)}
KINDS = {
    # Longer than the histogram's last bucket would not show.
    "latency": Kind({"delay_seconds": Number(0.001, 10, default=1)}, by_route=True),
    "errors": Kind({"status": Choice((500, 502, 503, 504), default=500)}, by_route=True),
    "memory": Kind(
        {"mebibytes_per_second": Number(1, 1024, default=8), "limit_mebibytes": Number(1, 4096, default=128)},
        by_route=False,
    ),
    "unready": Kind({}, by_route=False),
    "crash": Kind({}, by_route=True),
}


@dataclass(frozen=True)
class Fault:
    """A fault that was asked for. `until` is on the machine's monotonic clock, which its processes share."""

    kind: str
    rate: float
    seconds: float
    route: str
    parameters: Mapping[str, float]
    until: float

    @classmethod
    def parse(cls, kind: str, wish: object, routes: Collection[str]) -> Self:
        """Make a fault, beginning now, of what a client wrote. `routes` can be its scope. Raise InvalidFault."""
        if not isinstance(wish, Mapping):
            raise InvalidFault("the body", wish, "a JSON object")
        fields: dict[str, Number | Choice] = {**COMMON, **KINDS[kind].parameters}
        if unknown := sorted(set(wish) - set(fields) - {"route"}):
            raise InvalidFault(unknown[0], wish[unknown[0]], f"left out: {kind} has {', '.join([*fields, 'route'])}")
        values: dict[str, Any] = {
            name: field.check(name, wish.get(name, field.default)) for name, field in fields.items()
        }
        scopes = [EVERYWHERE, *(routes if KINDS[kind].by_route else ())]
        if (route := wish.get("route", EVERYWHERE)) not in scopes:
            raise InvalidFault("route", route, f"one of {', '.join(scopes)}")
        rate, seconds = values.pop("rate"), values.pop("seconds")
        return cls(kind, rate, seconds, route, values, monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds until it ends by itself; 0 when it has."""
        return max(0.0, self.until - monotonic())

    def strikes(self) -> bool:
        """Draw whether this occasion is one that it strikes."""
        return random() < self.rate

    def describe(self) -> dict[str, object]:
        """Return what a client may know of it, flat as it was asked for."""
        common = {"rate": self.rate, "route": self.route, "seconds": self.seconds}
        return {**common, "seconds_remaining": round(self.remaining, 3), **self.parameters}
