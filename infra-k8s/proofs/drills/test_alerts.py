"""Alerts drilled: a fault switched on in the app takes them through pending and firing to resolved."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from clients.port_forward import port_forward
from clients.prometheus import Prometheus, until
from proofs.conftest import PROOFS
from proofs.drills.patient import TOKEN, Patient
from scrape_doctor.finding import State

ALERTS = ("FlaskAppFaultActive", "FlaskAppAvailabilityBurn")
PATIENCE = 120.0  # seconds for one state to follow the other


def states(prometheus: Prometheus, namespace: str) -> dict[str, str]:
    """Return the state of each alert in a namespace, as Prometheus' rules report it."""
    found = dict.fromkeys(ALERTS, "inactive")
    for group in prometheus.rule_groups():
        for rule in group["rules"]:
            for alert in rule.get("alerts", []) if rule["name"] in found else []:
                if alert["labels"].get("namespace") == namespace and found[rule["name"]] != "firing":
                    found[rule["name"]] = alert["state"]
    return found


class Course:
    """Which states the alerts have gone through, and when, in seconds since the fault was switched on."""

    def __init__(self, prometheus: Prometheus, namespace: str) -> None:
        self.prometheus = prometheus
        self.namespace = namespace
        self.begin = time.monotonic()
        self.seen: dict[str, dict[str, float]] = {alert: {} for alert in ALERTS}

    def waits_for(self, wanted: str) -> str:
        """Note the states of now; return a complaint while an alert has not been in the wanted one."""
        for alert, state in states(self.prometheus, self.namespace).items():
            self.seen[alert].setdefault(state, time.monotonic() - self.begin)
        missing = [alert for alert in ALERTS if wanted not in self.seen[alert]]
        return f"{', '.join(missing)} never {wanted}" if missing else ""

    def follow(self, wanted: str) -> None:
        """Wait until every alert has been in a state."""
        until(PATIENCE, f"every alert {wanted}", partial(self.waits_for, wanted))

    def told(self, alert: str) -> str:
        """Return an alert's course in words."""
        return f"{alert}: " + ", ".join(f"{state} after {at:.0f} s" for state, at in self.seen[alert].items())


@contextmanager
def fault(patient: Patient) -> Iterator[None]:
    """Let every request fail."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with port_forward(patient.namespace, "flask-app", 5000) as url:
        httpx.put(f"{url}/api/faults/errors", headers=headers, json={"seconds": 600}).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(f"{url}/api/faults/errors", headers=headers).raise_for_status()


@pytest.mark.timeout(600)
def test_a_fault_takes_its_alerts_to_firing_and_back(
    patient: Patient, prometheus: Prometheus, request: pytest.FixtureRequest
) -> None:
    with request.config.stash[PROOFS].proof(
        "a fault that fails every request: alerts pending, firing, resolved"
    ) as row:
        assert set(states(prometheus, patient.namespace).values()) == {"inactive"}
        course = Course(prometheus, patient.namespace)
        with fault(patient):
            course.follow("pending")
            course.follow("firing")
            named = [each.finding for each in patient.examine() if each.finding.state is State.BROKEN]
            assert [finding.cause for finding in named] == ["alert-firing"]
            row.saw(f"doctor: {named[0].message}")
        course.begin, since = time.monotonic(), course.begin
        for alert in ALERTS:
            row.saw(course.told(alert))
            course.seen[alert].clear()
        course.follow("inactive")
        for alert in ALERTS:
            row.saw(f"{alert}: resolved {course.seen[alert]['inactive']:.0f} s after the fault's end")
        row.saw(f"{time.monotonic() - since:.0f} s in all")
        patient.until_whole()
        row.passed = True
