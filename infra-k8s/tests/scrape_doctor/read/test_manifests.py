"""Manifests before they are applied: what they decide is named, what they cannot decide is neither good nor broken."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from helm import examined as examined_files
from helm.examined import broken, examine
from helm.values_files import ALL
from scrape_doctor.__main__ import main
from scrape_doctor.chain import DECIDED_BY_MANIFESTS
from tests.scrape_doctor.world import SETTINGS, rendered

MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: shop}
"""
WANTED = {"ledger": "release=kps", "umbrella": "release=prom", "choosy": "team=shop", "courier": "any=thing"}


def objects(chart: str) -> list[dict[str, Any]]:
    scope = SETTINGS[chart].scope
    text, _ = rendered(chart, scope.release, scope.namespace)
    return [thing for thing in yaml.safe_load_all(text) if thing]


def examined(
    things: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], tmp_path: Path, *options: str
) -> tuple[int, dict[str, Any]]:
    file = tmp_path / "all.yaml"
    file.write_text(yaml.safe_dump_all(things))
    status = main(["--manifests", str(file), "--output", "json", *options])
    return status, json.loads(capsys.readouterr().out)


def targets(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each examination by its target."""
    return {each["target"]: each for each in answer.get("examinations", [answer])}


def causes(answer: dict[str, Any]) -> set[str]:
    """Return the cause of each target that is not whole."""
    return {each["diagnosis"]["cause"] for each in targets(answer).values() if each["diagnosis"]}


def first(things: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(thing for thing in things if thing["kind"] == kind)


@pytest.mark.parametrize("chart", ["ledger", "umbrella", "choosy", "courier"])
def test_a_whole_chart_is_not_blamed(chart: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, answer = examined(objects(chart), capsys, tmp_path)
    assert status == 0
    assert answer["whole"]
    monitor = next(each for target, each in targets(answer).items() if "monitor/" in target)
    states = {link["link"]: link["state"] for link in monitor["links"]}
    assert {link for link, state in states.items() if state != "not checked"} == DECIDED_BY_MANIFESTS - {
        *("prometheus-selection", "rules", "dashboards")
    }
    undecided = [link["message"] for link in monitor["links"] if link["state"] == "not checked"]
    assert all(message.startswith("needs a cluster") for message in undecided)


@pytest.mark.parametrize(("chart", "labels"), [(c, labels) for c, labels in WANTED.items() if c != "courier"])
def test_what_prometheus_wants_is_checked(
    chart: str, labels: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert examined(objects(chart), capsys, tmp_path, "--prometheus-selector", labels)[0] == 0
    status, answer = examined(objects(chart), capsys, tmp_path, "--prometheus-selector", "release=other")
    assert (status, causes(answer)) == (1, {"monitor-label"})


def test_a_prometheus_among_the_manifests_decides(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = {"serviceMonitorSelector": {"matchLabels": {"release": "kps"}}}
    prometheus = {"kind": "Prometheus", "metadata": {"name": "p", "namespace": "observability"}, "spec": spec}
    assert examined([*objects("ledger"), prometheus], capsys, tmp_path)[0] == 0
    spec["serviceMonitorSelector"]["matchLabels"]["release"] = "other"
    assert examined([*objects("ledger"), prometheus], capsys, tmp_path)[1]["diagnosis"]["cause"] == "monitor-label"


@pytest.mark.parametrize(
    ("kind", "spec", "cause"),
    [
        ("ServiceMonitor", {"endpoints": [{"port": "metricz"}]}, "port-name"),
        ("ServiceMonitor", {"endpoints": [{"targetPort": 9999}]}, "target-port"),
        (
            "ServiceMonitor",
            {"selector": {"matchLabels": {"app": "engin"}}},
            "monitor-selects-nothing",
        ),
        ("ServiceMonitor", {"namespaceSelector": {"matchNames": ["elsewhere"]}}, "monitor-namespace-selector"),
        ("Service", {"ports": [{"name": "metrics", "port": 80, "targetPort": "web"}]}, "service-target-port"),
        ("Service", {"selector": {"tier": "web"}}, "service-selects-nothing"),
    ],
)
def test_what_manifests_decide_is_named(
    kind: str, spec: dict[str, Any], cause: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    things = objects("umbrella")
    first(things, "ServiceMonitor")["metadata"]["labels"]["app.kubernetes.io/name"] = "engine"
    first(things, "Deployment")["metadata"]["labels"] = {"app.kubernetes.io/name": "engine"}
    first(things, kind)["spec"].update(spec)
    status, answer = examined(things, capsys, tmp_path)
    assert status == 1
    # A Service that its monitor misses looks scraped and is examined beside it.
    assert causes(answer) == {cause}


def test_lists_are_opened_hooks_left_out_and_namespaces_filled_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    things = objects("umbrella")
    for thing in things:
        del thing["metadata"]["namespace"]
    hook = json.loads(json.dumps(first(things, "ServiceMonitor")))
    hook["metadata"] |= {"name": "hook", "annotations": {"helm.sh/hook": "test"}}
    whole = {"apiVersion": "v1", "kind": "List", "items": [*things, hook]}
    status, answer = examined([whole], capsys, tmp_path, "-n", "motors")
    assert status == 0
    assert targets(answer).keys() == {"servicemonitor/engine", "prometheusrule/engine", "configmap/engine-board"}
    assert {each["namespace"] for each in targets(answer).values()} == {"motors"}


def test_what_a_monitor_selects_may_come_from_elsewhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    alone = [thing for thing in objects("umbrella") if thing["kind"] == "ServiceMonitor"]
    assert examined(alone, capsys, tmp_path)[0] == 0


@pytest.mark.parametrize("name", ALL)
def test_this_charts_every_values_file_is_whole(name: str) -> None:
    found = examine(name)
    assert [each.diagnosis for each in found if each.diagnosis] == []
    scraped = ALL[name].get("serviceMonitor", {}).get("enabled", True)
    assert bool(found) is scraped


def test_a_broken_values_file_is_a_line_of_make_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examined_files, "ALL", {"bad": {"serviceMonitor": {"relabelings": [STEP]}}})
    (line,) = broken()
    assert line.startswith("bad: servicemonitor/flask-app: monitor-relabeling: ")
    assert "helm.examined" in (Path(examined_files.__file__).parents[1] / "scripts" / "check").read_text()


STEP = {"action": "keep", "sourceLabels": ["pod"], "regex": "(shop"}
RULE = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "PrometheusRule",
    "metadata": {"name": "engine", "labels": {"release": "prom"}},
}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"alert": "A", "expr": "sum(up"},
            "rule A in group g of PrometheusRule default/engine does not parse: unclosed",
        ),
        ({"alert": "A", "expr": "up", "for": "5"}, "has for: 5, which is no duration"),
        ({"expr": "up"}, "rule number 1 in group g of PrometheusRule default/engine has not one of alert and record"),
        ({"alert": "A", "expr": "rate(up)"}, "expected type matrix"),
    ],
)
def test_a_rule_that_does_not_parse_is_named(
    rule: dict[str, str], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    thing = {**RULE, "spec": {"groups": [{"name": "g", "rules": [rule]}]}}
    status, answer = examined([thing], capsys, tmp_path)
    assert (status, answer["diagnosis"]["cause"]) == (1, "rule-malformed")
    assert words in answer["diagnosis"]["message"]


def test_rules_that_parse_are_whole_and_a_function_that_is_unknown_is_not_blamed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rules = [{"record": "a:b", "expr": "sum(rate(up[5m]))"}, {"alert": "A", "expr": "newer_than_we(up)", "for": "1m"}]
    thing = {**RULE, "spec": {"groups": [{"name": "g", "rules": rules}]}}
    assert examined([thing], capsys, tmp_path)[0] == 0
    assert examined([thing], capsys, tmp_path, "--prometheus-selector", "release=other")[0] == 0  # of monitors
    selector = {"ruleSelector": {"matchLabels": {"release": "other"}}}
    prometheus = {"kind": "Prometheus", "metadata": {"name": "p"}, "spec": selector}
    status, answer = examined([thing, prometheus], capsys, tmp_path)
    assert (status, answer["diagnosis"]["cause"]) == (1, "rule-label")


@pytest.mark.parametrize(
    ("labels", "text", "cause"),
    [
        ({"grafana_dashboard": "1"}, '{"panels": []}', ""),
        ({}, '{"panels": []}', "dashboard-label"),
        ({"grafana_dashboard": "1"}, '{"panels": [}', "dashboard-json"),
    ],
)
def test_dashboards_are_checked(
    labels: dict[str, str], text: str, cause: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    thing = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "board", "labels": labels},
        "data": {"board.json": text},
    }
    status, answer = examined([thing], capsys, tmp_path)
    assert (status, (answer["diagnosis"] or {}).get("cause", "")) == (int(bool(cause)), cause)


@pytest.mark.parametrize(
    ("kind", "spec", "cause"),
    [
        (
            "ServiceMonitor",
            {"endpoints": [{"port": "metrics", "interval": "5s", "scrapeTimeout": "10s"}]},
            "monitor-timeout",
        ),
        ("ServiceMonitor", {"endpoints": [{"port": "metrics"}, {"port": "metrics"}]}, "target-duplicate"),
        (
            "ServiceMonitor",
            {"endpoints": [{"port": "metrics", "relabelings": [{"regex": "(", "targetLabel": "a"}]}]},
            "monitor-relabeling",
        ),
    ],
)
def test_what_the_operator_or_prometheus_would_not_take_is_named(
    kind: str, spec: dict[str, Any], cause: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    things = objects("umbrella")
    first(things, kind)["spec"].update(spec)
    _, answer = examined(things, capsys, tmp_path)
    assert causes(answer) == {cause}


def test_a_probe_on_a_port_that_its_container_does_not_name_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    things = objects("umbrella")
    container = first(things, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": "htpp"}}
    _, answer = examined(things, capsys, tmp_path)
    assert causes(answer) == {"probe-port-name"}
    container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 9999}}  # it may listen there
    assert examined(things, capsys, tmp_path)[0] == 0


def test_two_monitors_that_scrape_the_same_are_named_unless_no_prometheus_takes_both(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    things = objects("umbrella")
    second = json.loads(json.dumps(first(things, "ServiceMonitor")))
    second["metadata"]["name"] = "second"
    status, answer = examined([*things, second], capsys, tmp_path)
    assert (status, causes(answer)) == (1, {"target-duplicate"})
    second["metadata"]["labels"] = {"release": "other"}
    _, answer = examined([*things, second], capsys, tmp_path, "--prometheus-selector", "release=prom")
    assert causes(answer) == {"monitor-label"}


KUSTOMIZED = """
apiVersion: v1
kind: Service
metadata:
  labels: {app: shop, app.kubernetes.io/managed-by: kustomize-v5.7.1}
  name: dev-shop-h2k4
  namespace: dev
spec:
  ports: [{name: metrics, port: 8080, targetPort: metrics}]
  selector: {app: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels: {app.kubernetes.io/managed-by: kustomize-v5.7.1}
  name: dev-shop
  namespace: dev
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: shop, image: shop, ports: [{containerPort: 8080, name: metrics}]}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  labels: {app.kubernetes.io/managed-by: kustomize-v5.7.1}
  name: dev-shop
  namespace: dev
spec:
  endpoints: [{port: PORT}]
  selector: {matchLabels: {app: shop}}
"""


@pytest.mark.parametrize(("port", "status"), [("metrics", 0), ("metricz", 1)])
def test_what_kustomize_built_is_read_and_its_fix_is_for_the_kustomization(
    port: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(KUSTOMIZED.replace("PORT", port)))
    assert main(["--manifests", "-", "--output", "json"]) == status
    answer = json.loads(capsys.readouterr().out)
    assert answer["diagnosis"] is None or answer["diagnosis"]["lastingFix"].startswith(
        "change ServiceMonitor dev/dev-shop in the kustomization"
    )


def test_kinds_of_other_groups_are_not_taken_for_kubernetes_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    others = [
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "metrics"}, "spec": {}},
        {"apiVersion": "azmonitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "az"}},
    ]
    status, answer = examined([*objects("umbrella"), *others], capsys, tmp_path)
    assert status == 0
    assert targets(answer).keys() == {"servicemonitor/engine", "prometheusrule/engine", "configmap/engine-board"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1\nc: 2", "doctor: {file}, line 3 is not YAML: "),
        ("kind: Service", "doctor: {file}, line 1 holds something that is no Kubernetes object: {{'kind': 'Service'}}"),
        ("a: 1\n---\njust text", "doctor: {file}, line 1 holds something that is no Kubernetes object: {{'a': 1}}"),
        (
            MONITOR.replace("/v1", "/v2"),
            "doctor: {file}, line 2: ServiceMonitor shop is of monitoring.coreos.com/v2, which the doctor does not "
            "know: it knows v1 and v1alpha1",
        ),
        (MONITOR + "spec: {endpoints: []}", "doctor: {file}, line 2: ServiceMonitor shop has no spec.selector"),
        (
            MONITOR + "spec: {selector: {}, endpoints: {port: a}}",
            "doctor: {file}, line 2: ServiceMonitor shop has a spec.endpoints that is no list of mappings",
        ),
        (
            MONITOR.replace("shop}", "shop, labels: {v: 1}}"),
            "doctor: {file}, line 2: ServiceMonitor shop has the label v with 1, which is no text: put it into quotes",
        ),
        ("", "doctor: the text has no ServiceMonitor, PodMonitor or Probe and no Service that looks scraped"),
    ],
)
def test_a_file_that_is_no_manifest_is_one_line(
    text: str, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(text)
    assert main(["--manifests", str(file)]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(message.format(file=file))
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--manifests", "/nowhere.yaml"],
        ["--manifests", "-", "--prometheus-selector", "release"],
        *(["--manifests", "-", option] for option in ("--all", "--wait", "deployment/shop", "--release=shop")),
        ["--prometheus-selector", "release=monitoring"],
    ],
)
def test_other_bad_input_is_one_line(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(options) == 2
    assert capsys.readouterr().err.count("\n") == 1
