"""The rendered rules: what Prometheus's own tools say of them, and that no alert is left untested or without a page."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as parser
import pytest
import yaml
from helm_python.errors import HelmError

from monitoring import queries, rules
from scrape_doctor import promql

FILES = sorted((Path(__file__).parent / "rules").glob("*.yaml"))
TESTS = [test for file in FILES for test in yaml.safe_load(file.read_text())["tests"]]
GROUPS = rules.groups()
ALERTS = list(rules.alerts(GROUPS))
RECORDED = {rule["record"]: rule["expr"] for group in GROUPS for rule in group["rules"] if "record" in rule}

Labels = dict[str, str]

# What kube-prometheus-stack puts on the series of Kubernetes: the labels of who was scraped, beside the object's own.
SCRAPED = {"kube_": "kube-state-metrics", "container_": "kubelet"}


@dataclass(frozen=True)
class Case:
    """A test's question about an alert: asked so many seconds after the start, of these series; what then must fire."""

    alertname: str
    seconds: int
    metrics: set[str]
    firing: list[Labels]


def run(*command: str | Path) -> str:
    """Run a command and return what it said; fail with that if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def identity(alert: rules.Rule) -> Labels:
    """What tells an alert from those that share its name."""
    return {name: value for name, value in alert["labels"].items() if name in ("slo", "long")}


def title(alert: rules.Rule) -> str:
    return "-".join([alert["alert"], *identity(alert).values()])


def series(test: dict[str, Any]) -> Iterator[parser.VectorSelector]:
    """Yield what a test feeds in."""
    for given in test["input_series"]:
        yield from promql.selectors(given["series"])


def cases() -> Iterator[Case]:
    """Yield every question about an alert."""
    for test in TESTS:
        metrics = {promql.name(given) for given in series(test)}
        for asked in test.get("alert_rule_test", []):
            firing = [expected["exp_labels"] for expected in asked["exp_alerts"]]
            yield Case(asked["alertname"], seconds(asked["eval_time"]), metrics, firing)


def seconds(duration: str) -> int:
    """Return a duration as Prometheus writes it, `1h30m`, in seconds."""
    parts = re.findall(r"(\d+)([smhd])", duration)
    return sum(int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit] for number, unit in parts)


def fires(alert: rules.Rule, case: Case) -> bool:
    return any(identity(alert).items() <= labels.items() for labels in case.firing)


def could_fire(alert: rules.Rule, case: Case) -> bool:
    """Tell whether a case has all that an alert reads, for its short window and then the time that it waits."""
    patience = seconds(alert["labels"].get("short", "")) + seconds(str(alert.get("for", "")))
    return case.seconds > patience and read(alert["expr"]) <= case.metrics


def read(expr: str) -> set[str]:
    """Return the metrics that an expression reads in the end: for a recorded one, those that it is recorded from."""
    metrics = promql.metrics(expr)
    return metrics - RECORDED.keys() | {raw for name in metrics & RECORDED.keys() for raw in read(RECORDED[name])}


def test_promtool_accepts_the_rules(promtool: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    rules.write(path, GROUPS)
    total = sum(len(group["rules"]) for group in GROUPS)
    assert f"{total} rules found" in run(promtool, "check", "rules", path)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules_do_what_their_cases_say(promtool: str, tmp_path: Path, file: Path) -> None:
    rules.write(tmp_path / "rules.yaml", GROUPS)
    shutil.copy(file, tmp_path)
    run(promtool, "test", "rules", tmp_path / file.name)


@pytest.mark.parametrize("alert", ALERTS, ids=title)
def test_every_alert_has_a_case_that_fires_it_and_one_that_could_and_must_not(alert: rules.Rule) -> None:
    asked = [case for case in cases() if case.alertname == alert["alert"]]
    assert any(fires(alert, case) for case in asked)
    assert any(could_fire(alert, case) and not fires(alert, case) for case in asked)


def test_every_alert_is_routed_by_the_same_labels() -> None:
    release = {"namespace": "flask-app", "job": "flask-app", "service": "flask-app"}
    assert [case for case in cases() for labels in case.firing if not release.items() <= labels.items()] == []


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test["name"])
def test_series_of_kubernetes_carry_the_labels_of_who_was_scraped(test: dict[str, Any]) -> None:
    for given in series(test):
        for prefix, job in SCRAPED.items():
            if promql.name(given).startswith(prefix):
                assert promql.equal(given, "job") == job
                assert all(promql.equal(given, label) for label in ("namespace", "instance", "endpoint", "service"))


@pytest.mark.parametrize("alert", ALERTS, ids=title)
def test_every_alert_says_how_bad_what_and_where_to_read_on(alert: rules.Rule) -> None:
    assert alert["labels"]["severity"] in severities()
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"].endswith(f"/runbooks/{alert['alert'].lower()}.md")


def severities() -> list[str]:
    """Return what the chart's schema lets the severity of a window be."""
    found = json.loads((rules.CHART / "values.schema.json").read_text())
    for name in ("prometheusRule", "slo", "windows"):
        found = found["properties"][name]
    return list(found["items"]["properties"]["severity"]["enum"])


@pytest.mark.skipif(not os.environ.get("DOCS_DIR"), reason="DOCS_DIR is not set: the runbooks are a sibling's")
def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    pages = {page.stem for page in Path(os.environ["DOCS_DIR"], "runbooks").glob("*.md")} - {"README"}
    assert pages == {alert["alert"].lower() for alert in ALERTS}


@pytest.mark.skipif(not os.environ.get("DOCS_DIR"), reason="DOCS_DIR is not set: the runbooks are a sibling's")
def test_the_queries_in_the_runbooks_read_what_the_rules_and_dashboards_read() -> None:
    known = {metric for group in GROUPS for rule in group["rules"] for metric in promql.metrics(rule["expr"])}
    for path in queries.DASHBOARDS.glob("*.json"):
        known |= set(queries.metrics(queries.load(path)))
    for page in Path(os.environ["DOCS_DIR"], "runbooks").glob("*.md"):
        for query in re.findall(r"```promql\n(.+?)```", page.read_text(), re.DOTALL):
            assert promql.metrics(query.strip()) <= known, page.name


def test_no_parameter_is_left_unfilled() -> None:
    assert "${" not in yaml.safe_dump(GROUPS)


def test_every_expression_reads_only_this_release(subtests: pytest.Subtests) -> None:
    groups = rules.groups(release="other", namespace="elsewhere")
    for rule in (rule for group in groups for rule in group["rules"]):
        with subtests.test(rule.get("alert") or rule["record"]):
            for selector in promql.selectors(rule["expr"]):
                assert promql.equal(selector, "namespace") == "elsewhere"
                assert "other-flask-app" in str(selector)


def test_two_releases_of_one_namespace_record_different_series() -> None:
    first, second = (objectives(rules.groups(release=release)) for release in ("one", "two"))
    assert first != second


def objectives(groups: list[rules.Group]) -> list[Labels]:
    return [rule["labels"] for rule in groups[0]["rules"] if rule.get("record") == "service:slo_objective:ratio"]


def test_values_reach_the_rules() -> None:
    values: dict[str, Any] = {
        "prometheusRule": {
            "runbookBaseUrl": "https://runbooks.example/",
            "faultActiveFor": "30s",
            "slo": {
                "availability": 0.999,
                "latency": {"objective": 0.95, "threshold": "0.5"},
                "minimumRequests": 7,
                "windows": [{"long": "10m", "short": "1m", "burnRate": 2.5, "for": "5s", "severity": "critical"}],
            },
        }
    }
    groups = rules.groups(values)
    text = yaml.safe_dump(groups, width=1000) + str([rule["expr"] for group in groups for rule in group["rules"]])
    for expected in (
        "> 2.5 * (1 - 0.999)",
        "> 2.5 * (1 - 0.95)",
        'le="0.5"',
        ">= 7",
        "service:http_requests_failed:ratio_rate10m",
        "for: 5s",
        "for: 30s",
        "runbook_url: https://runbooks.example/flaskappdown.md",
    ):
        assert expected in text
    assert "ratio_rate1h" not in text


def test_rules_can_be_switched_off() -> None:
    assert rules.groups({"prometheusRule": {"enabled": False}}) == []


def test_targets_are_missed_only_where_a_servicemonitor_makes_them() -> None:
    unwatched = list(rules.alerts(rules.groups({"serviceMonitor": {"enabled": False}})))
    assert [alert["alert"] for alert in ALERTS if alert not in unwatched] == ["FlaskAppDown", "FlaskAppTargetDown"]
    assert [alert for alert in unwatched if alert not in ALERTS] == []


@pytest.mark.parametrize(
    ("key", "slo"),
    [
        ("availability", {"availability": 0.9}),
        ("availability", {"availability": 1}),
        ("threshold", {"latency": {"threshold": "0.3"}}),
        ("windows", {"windows": []}),
        ("severity", {"windows": [{"long": "1h", "short": "5m", "burnRate": 2, "for": "2m", "severity": "loud"}]}),
        ("long", {"windows": [{"long": "1 hour", "short": "5m", "burnRate": 2, "for": "2m", "severity": "critical"}]}),
    ],
)
def test_an_objective_that_cannot_be_kept_or_measured_is_refused(key: str, slo: dict[str, Any]) -> None:
    with pytest.raises(HelmError, match=key):
        rules.groups({"prometheusRule": {"slo": slo}})
