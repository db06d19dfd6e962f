"""Manifests before they are applied: what they decide is named, what they cannot decide is neither good nor broken."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from helm.render import render
from helm.values_files import ALL
from scrape_doctor.__main__ import main
from scrape_doctor.chain import DECIDED_BY_MANIFESTS
from tests.scrape_doctor.world import SETTINGS, rendered

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


def first(things: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(thing for thing in things if thing["kind"] == kind)


@pytest.mark.parametrize("chart", ["ledger", "umbrella", "choosy", "courier"])
def test_a_whole_chart_is_not_blamed(chart: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, answer = examined(objects(chart), capsys, tmp_path)
    assert status == 0
    assert answer["whole"]
    states = {link["link"]: link["state"] for link in answer["links"]}
    assert {link for link, state in states.items() if state != "not checked"} == DECIDED_BY_MANIFESTS - {
        "prometheus-selection"
    }
    undecided = [link["message"] for link in answer["links"] if link["state"] == "not checked"]
    assert all(message.startswith("needs a cluster") for message in undecided)


@pytest.mark.parametrize(("chart", "labels"), [(c, labels) for c, labels in WANTED.items() if c != "courier"])
def test_what_prometheus_wants_is_checked(
    chart: str, labels: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert examined(objects(chart), capsys, tmp_path, "--prometheus-selector", labels)[0] == 0
    status, answer = examined(objects(chart), capsys, tmp_path, "--prometheus-selector", "release=other")
    assert status == 1
    assert answer["diagnosis"]["cause"] == "monitor-label"


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
    assert {each["diagnosis"]["cause"] for each in answer.get("examinations", [answer])} == {cause}


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
    assert (answer["target"], answer["namespace"]) == ("servicemonitor/engine", "motors")


def test_what_a_monitor_selects_may_come_from_elsewhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    alone = [thing for thing in objects("umbrella") if thing["kind"] == "ServiceMonitor"]
    assert examined(alone, capsys, tmp_path)[0] == 0


@pytest.mark.parametrize("name", ALL)
def test_this_charts_every_values_file_is_whole(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    things = render(ALL[name])
    if not any(thing["kind"] == "ServiceMonitor" for thing in things):
        pytest.skip("it has no ServiceMonitor")
    monkeypatch.setattr("sys.stdin", io.StringIO(yaml.safe_dump_all(things)))
    given = (ALL[name].get("serviceMonitor") or {}).get("labels") or {"release": "monitoring"}
    wanted = ",".join(f"{key}={value}" for key, value in given.items())
    assert main(["--manifests", "-", "--prometheus-selector", wanted]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1\nc: 2", "doctor: {file}, line 3 is not YAML: "),
        ("kind: Service", "doctor: {file} holds something that is no Kubernetes object: {{'kind': 'Service'}}"),
        ("just text", "doctor: {file} holds something that is no Kubernetes object: just text"),
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
    "options", [["--manifests", "/nowhere.yaml"], ["--manifests", "-", "--prometheus-selector", "release"]]
)
def test_other_bad_input_is_one_line(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(options) == 2
    assert capsys.readouterr().err.count("\n") == 1
