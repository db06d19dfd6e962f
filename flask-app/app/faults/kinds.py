"""Which kinds of fault there are, their parameters, and an active fault.

A fault triggers at a share (`rate`) of its occasions, for a number of `seconds`, within a scope (`route`). For latency,
errors and crash an occasion is a request; for unready it is a readiness check; for memory it is a mebibyte.
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
    """A parameter is invalid: names the field, its value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {json.dumps(value)[:100]}: must be {allowed}")
        self.field = field
        self.allowed = allowed


@dataclass(frozen=True)
class Number:
    """A number as parameter, with its bounds, both allowed, and its default."""

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
    """A parameter with a few allowed values."""

    values: tuple[int, ...]
    default: int

    def check(self, field: str, value: object) -> int:
        """Return `value` if it is one of the values, else raise InvalidFault."""
        if isinstance(value, bool) or not isinstance(value, int) or value not in self.values:
            raise InvalidFault(field, value, f"one of {', '.join(map(str, self.values))}")
        return value


@dataclass(frozen=True)
class Kind:
    """A kind of fault: its own parameters, and whether a route can be its scope."""

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
    """A fault with its parameters. `until` is on the machine's monotonic clock, which its processes share."""

    kind: str
    rate: float
    seconds: float
    route: str
    parameters: Mapping[str, float]
    until: float

    @classmethod
    def parse(cls, kind: str, payload: object, routes: Collection[str]) -> Self:
        """Return a fault that starts now, from a client's JSON. `routes` are possible scopes. Raise InvalidFault."""
        if not isinstance(payload, Mapping):
            raise InvalidFault("the body", payload, "a JSON object")
        fields: dict[str, Number | Choice] = {**COMMON, **KINDS[kind].parameters}
        if unknown := sorted(set(payload) - set(fields) - {"route"}):
            raise InvalidFault(unknown[0], payload[unknown[0]], f"left out: {kind} has {', '.join([*fields, 'route'])}")
        values: dict[str, Any] = {
            name: field.check(name, payload.get(name, field.default)) for name, field in fields.items()
        }
        scopes = [EVERYWHERE, *(routes if KINDS[kind].by_route else ())]
        if (route := payload.get("route", EVERYWHERE)) not in scopes:
            raise InvalidFault("route", route, f"one of {', '.join(scopes)}")
        rate, seconds = values.pop("rate"), values.pop("seconds")
        return cls(kind, rate, seconds, route, values, monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds until it ends by itself; 0 when it has."""
        return max(0.0, self.until - monotonic())

    def should_trigger(self) -> bool:
        """Return whether to trigger now: at random, `rate` of the time."""
        return random() < self.rate

    def describe(self) -> dict[str, object]:
        """Return the parameters as a client sent them, and the seconds that remain."""
        common = {"rate": self.rate, "route": self.route, "seconds": self.seconds}
        return {**common, "seconds_remaining": round(self.remaining, 3), **self.parameters}
