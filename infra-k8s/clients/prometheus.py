"""Prometheus, asked over its HTTP API."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

# Seconds in which Prometheus has a new configuration: the kubelet takes up to two minutes to hand it over, and its
# reloader, where it misses that, looks again every three.
CONFIGURED = 300


@dataclass(frozen=True)
class Sample:
    """One series of an instant vector: labels, value, and when it was evaluated in seconds since the epoch."""

    labels: dict[str, str]
    value: float
    time: float


class Prometheus:
    """A Prometheus server at a URL."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10)

    def get(self, path: str, **parameters: str) -> Any:
        """Return the `data` of an answer; an error answer raises with Prometheus's own words."""
        answer = self.http.get(f"/api/v1/{path}", params=parameters)
        body = answer.json()
        if body.get("status") != "success":
            raise RuntimeError(f"Prometheus refused {path} {parameters}: {body.get('error', answer.text)}")
        return body["data"]

    def query(self, expression: str) -> list[Sample]:
        """Evaluate an instant query now; no series is an empty list, never a zero."""
        result = self.get("query", query=expression)["result"]
        return [Sample(s["metric"], float(s["value"][1]), float(s["value"][0])) for s in result]

    def value(self, expression: str) -> float:
        """Evaluate an expression that must give exactly one sample; raise LookupError otherwise."""
        samples = self.query(expression)
        if len(samples) != 1:
            raise LookupError(f"{expression} gave {len(samples)} samples, not one")
        return samples[0].value

    def targets(self, job: str, namespace: str) -> list[dict[str, Any]]:
        """Return the active targets of a job in a namespace."""
        active = self.get("targets", state="active")["activeTargets"]
        return [t for t in active if t["labels"].get("job") == job and t["labels"].get("namespace") == namespace]

    def complaints(self, namespace: str) -> list[str]:
        """Return a line for each of a namespace's targets that is not up, with its last scrape's error."""
        active = self.get("targets", state="active")["activeTargets"]
        return [
            f"target {t['scrapeUrl']} is {t['health']}: {t['lastError'] or 'not scraped yet'}"
            for t in active
            if t["labels"].get("namespace") == namespace and t["health"] != "up"
        ]

    def rule_groups(self) -> list[dict[str, Any]]:
        """Return the loaded rule groups with their health."""
        groups: list[dict[str, Any]] = self.get("rules")["groups"]
        return groups

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def until(seconds: float, what: str, check: Callable[[], str]) -> None:
    """Wait until `check` has no complaint left; raise TimeoutError with its last one."""
    deadline = time.monotonic() + seconds
    while complaint := check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s: {complaint}")
        time.sleep(0.5)
