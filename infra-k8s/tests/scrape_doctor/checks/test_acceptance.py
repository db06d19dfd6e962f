"""What the operator rejects, read from the objects before its own event says so."""

from typing import Any

import pytest

from scrape_doctor.chain import walk
from scrape_doctor.finding import Finding, State
from tests.scrape_doctor.faults import Fault, both, endpoint, first, put, reported
from tests.scrape_doctor.world import healthy

PASSWORD = {"basicAuth": {"password": {"name": "scrape", "key": "password"}}}
POOL = "serviceMonitor/observability/ledger/0"


def acceptance(*faults: Fault, chart: str = "ledger") -> Finding:
    world = healthy(chart)
    both(*faults)(world)
    return next(each.finding for each in walk(world.snapshot()) if each.link.name == "acceptance")


@pytest.mark.parametrize(
    "fields",
    [
        {"interval": "10s", "scrapeTimeout": "10s"},
        {"scrapeTimeout": "50s"},  # the interval is Prometheus', which does not tell
        {"relabelings": [{"sourceLabels": ["a"], "targetLabel": "b", "regex": "(.*)"}]},
        {"metricRelabelings": [{"action": "labeldrop", "regex": r"\pL"}]},
    ],
)
def test_what_it_accepts_is_not_blamed(fields: dict[str, Any]) -> None:
    assert acceptance(endpoint(**fields)).state is State.OK


def test_the_interval_of_prometheus_counts_where_the_endpoint_has_none() -> None:
    found = acceptance(endpoint(scrapeTimeout="50s"), put("prometheuses", "spec", "scrapeInterval", value="30s"))
    assert found.cause == "monitor-timeout"
    assert found.fix.endswith('[{"op":"replace","path":"/spec/endpoints/0/scrapeTimeout","value":"30s"}]\'')


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"action": "keep", "sourceLabels": ["pod"], "regex": "(?!canary).*"}, "RE2"),
        ({"sourceLabels": ["pod"]}, "action replace needs a targetLabel"),
    ],
)
def test_a_relabeling_is_named_by_its_path(step: dict[str, Any], words: str) -> None:
    found = acceptance(endpoint(metricRelabelings=[{"action": "labeldrop", "regex": "a"}, step]))
    assert found.cause == "monitor-relabeling"
    assert "spec.endpoints.0.metricRelabelings.1: " in found.message
    assert words in found.message


def test_a_secret_without_the_key_is_named() -> None:
    found = acceptance(
        endpoint(**PASSWORD), lambda e: e.secrets.update({("observability", "scrape"): frozenset({"pass"})})
    )
    assert found.cause == "monitor-secret"
    assert "Secret scrape has no key password in namespace observability" in found.message
    assert found.observations == ("spec.endpoints[0].basicAuth.password names it", "its keys: pass")


def test_a_secret_that_may_not_be_read_needs_the_right_unless_prometheus_has_the_monitor() -> None:
    found = acceptance(endpoint(**PASSWORD), reported(targets=(), jobs=frozenset()))
    assert found.right == "get secrets in namespace observability: spec.endpoints[0].basicAuth.password names scrape"
    assert acceptance(endpoint(**PASSWORD), reported(targets=(), jobs=frozenset({POOL}))).state is State.OK


def test_the_job_of_a_monitor_whose_name_only_begins_alike_is_no_job_of_this_one() -> None:
    found = acceptance(endpoint(**PASSWORD), reported(targets=(), jobs=frozenset({POOL.replace("ledger", "ledger-b")})))
    assert found.right.startswith("get secrets in namespace observability")


def test_a_probe_is_its_own_endpoint() -> None:
    def fault(world: Any) -> None:
        first(world, "probes")["spec"].update(interval="5s", scrapeTimeout="9s")

    assert acceptance(fault, chart="sentinel").cause == "monitor-timeout"
