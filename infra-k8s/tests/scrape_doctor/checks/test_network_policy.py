"""Policies that block Prometheus, and policies that are not the cause."""

from scrape_doctor.chain import diagnosis, walk
from tests.scrape_doctor.faults import (
    first,
    put,
    scrape,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_policy_that_is_not_enforced_breaks_nothing() -> None:
    world = healthy("choosy")
    first(world, "networkpolicies")["spec"]["ingress"] = []
    assert diagnosis(walk(world.snapshot())) is None


def test_a_policy_is_checked_for_ports_that_no_container_declares() -> None:
    world = healthy("choosy")
    put("services", "spec", "ports", 0, "targetPort", value=9999)(world)
    scrape("context deadline exceeded")(world)
    assert "on port 9999 (ingress)" in finding(world, "network-policy")[1]


def test_a_policy_is_not_blamed_for_a_scrape_that_was_answered() -> None:
    world = healthy("choosy")
    first(world, "networkpolicies")["spec"]["ingress"] = []
    scrape("server returned HTTP status 404 Not Found")(world)
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.cause == "scrape-path"
