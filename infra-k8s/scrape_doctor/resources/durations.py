"""Durations as Prometheus writes them: 30s, 1m30s, 500ms."""

import re

UNITS = {"y": 31536000000, "w": 604800000, "d": 86400000, "h": 3600000, "m": 60000, "s": 1000, "ms": 1}
DURATION = re.compile(r"0|(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")


def milliseconds(text: str) -> int | None:
    """Return a duration in milliseconds, None if it is none."""
    if not text or not DURATION.fullmatch(text):
        return None
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[ywdhms])", text))
