"""Switch on a fault in the application: its alerts go through pending and firing to resolved."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from clients.port_forward import port_forward
from clients.prometheus import Prometheus, until
from proofs.drills.release_under_test import TOKEN, ReleaseUnderTest
from proofs.recording import Proof
from scrape_doctor.finding import State

ALERTS = ("FlaskAppFaultActive", "FlaskAppAvailabilityBurn")
TIMEOUT_SECONDS = 120.0  # for the change from one state to the next


def states(prometheus: Prometheus, namespace: str) -> dict[str, str]:
    """Return the state of each alert in a namespace, as Prometheus reports it for the rules."""
    found = dict.fromkeys(ALERTS, "inactive")
    for group in prometheus.rule_groups():
        for rule in group["rules"]:
            for alert in rule.get("alerts", []) if rule["name"] in found else []:
                if alert["labels"].get("namespace") == namespace and found[rule["name"]] != "firing":
                    found[rule["name"]] = alert["state"]
    return found


class AlertTimeline:
    """The states that the alerts went through, and when, in seconds since the fault was switched on."""

    def __init__(self, prometheus: Prometheus, namespace: str) -> None:
        self.prometheus = prometheus
        self.namespace = namespace
        self.begin = time.monotonic()
        self.seen: dict[str, dict[str, float]] = {alert: {} for alert in ALERTS}

    def missing(self, state: str) -> str:
        """Add the current states; return a complaint while an alert has never been in this one."""
        for alert, current in states(self.prometheus, self.namespace).items():
            self.seen[alert].setdefault(current, time.monotonic() - self.begin)
        missing = [alert for alert in ALERTS if state not in self.seen[alert]]
        return f"{', '.join(missing)} never {state}" if missing else ""

    def wait_for(self, state: str) -> None:
        """Wait until every alert has been in a state."""
        until(TIMEOUT_SECONDS, f"every alert {state}", partial(self.missing, state))

    def summary(self, alert: str) -> str:
        """Return when an alert entered each state."""
        return f"{alert}: " + ", ".join(f"{state} after {at:.0f} s" for state, at in self.seen[alert].items())


@contextmanager
def failing_requests(release: ReleaseUnderTest) -> Iterator[None]:
    """Let every request fail."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with port_forward(release.namespace, "flask-app", 5000) as url:
        httpx.put(f"{url}/api/faults/errors", headers=headers, json={"seconds": 600}).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(f"{url}/api/faults/errors", headers=headers).raise_for_status()


@pytest.mark.timeout(600)
def test_a_fault_takes_its_alerts_to_firing_and_back(
    release_with_traffic: ReleaseUnderTest, prometheus: Prometheus, proof: Proof
) -> None:
    """When every request fails, the alerts go through pending and firing, and they resolve after the fault."""
    release = release_with_traffic
    assert set(states(prometheus, release.namespace).values()) == {"inactive"}
    timeline = AlertTimeline(prometheus, release.namespace)
    with failing_requests(release):
        timeline.wait_for("pending")
        timeline.wait_for("firing")
        broken = [each.finding for each in release.examine() if each.finding.state is State.BROKEN]
        assert [finding.cause for finding in broken] == ["alert-firing"]
        proof.note(f"doctor: {broken[0].message}")
    timeline.begin, since = time.monotonic(), timeline.begin
    for alert in ALERTS:
        proof.note(timeline.summary(alert))
        timeline.seen[alert].clear()
    timeline.wait_for("inactive")
    for alert in ALERTS:
        proof.note(f"{alert}: resolved {timeline.seen[alert]['inactive']:.0f} s after the end of the fault")
    proof.note(f"{time.monotonic() - since:.0f} s in all")
    release.wait_until_healthy()
