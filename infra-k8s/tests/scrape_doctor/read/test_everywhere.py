"""A whole cluster at once: each kind is listed once, each Prometheus asked once, every broken monitor named."""

import asyncio
import io
import time
from dataclasses import replace

import pytest
from rich.console import Console

from scrape_doctor import progress, report
from scrape_doctor.__main__ import main
from scrape_doctor.chain import walk
from scrape_doctor.examination import Examination
from scrape_doctor.read.cluster import EVERYWHERE, IN_NAMESPACES
from scrape_doctor.read.snapshot import read
from scrape_doctor.resources.objects import Object
from scrape_doctor.scope import Scope
from tests.scrape_doctor.api_server import ApiServer
from tests.scrape_doctor.faults import put, scrape
from tests.scrape_doctor.world import World, healthy

CHARTS = ("umbrella", "ledger", "courier", "sentinel")


@pytest.fixture
def worlds() -> list[World]:
    found = [healthy(chart) for chart in CHARTS]
    for thing in (thing for world in found for things in world.objects.values() for thing in things):
        thing["metadata"].pop("annotations", None)
    return found


def examined(worlds: list[World], **extra: list[Object]) -> tuple[list[Examination], ApiServer]:
    cluster = ApiServer(worlds)
    cluster.extra = extra
    snapshots = asyncio.run(read(cluster.api, [Scope("", "", everywhere=True)], 5))
    return [Examination(snapshot.scope, walk(snapshot)) for snapshot in snapshots], cluster


def causes(examinations: list[Examination]) -> dict[str, str]:
    return {str(each.scope.target): each.diagnosis.finding.cause if each.diagnosis else "" for each in examinations}


def test_a_healthy_cluster_is_whole(worlds: list[World]) -> None:
    examinations, _ = examined(worlds)
    assert set(causes(examinations).values()) == {""}
    assert {str(each.scope.target) for each in examinations} >= {
        *("servicemonitor/engine", "podmonitor/courier", "probe/sites", "prometheus/p")
    }


def test_each_kind_is_listed_once_and_each_prometheus_asked_once(worlds: list[World]) -> None:
    worlds[0].all("servicemonitors").append({
        **worlds[0].all("servicemonitors")[0],
        "metadata": {**worlds[0].all("servicemonitors")[0]["metadata"], "name": "second"},
    })  # fmt: skip
    reported = worlds[0].prometheus
    second = tuple({**target, "scrapePool": "serviceMonitor/garage/second/0"} for target in reported.targets)
    worlds[0].prometheus = replace(reported, targets=(*reported.targets, *second))
    _, cluster = examined(worlds)
    assert {cluster.asked[plural] for plural, *_ in (*IN_NAMESPACES, *EVERYWHERE)} == {1}
    queries = {path: count for path, count in cluster.asked.items() if "/api/v1/" in path}
    assert set(queries.values()) == {1}
    assert sum(path.endswith("/targets") for path in queries) == len(CHARTS)
    assert {path.partition("/")[0] for path in queries} == {"prom-system", "observability", "mon", "scouts"}


def test_only_the_broken_monitors_are_named_and_they_come_first(worlds: list[World]) -> None:
    put("servicemonitors", "metadata", "labels", value={})(worlds[1])
    scrape("context deadline exceeded")(worlds[2])
    examinations, _ = examined(worlds)
    found = {target: cause for target, cause in causes(examinations).items() if cause}
    assert found == {"servicemonitor/ledger": "monitor-label", "podmonitor/courier": "scrape-timeout"}
    console = Console(record=True, width=200)
    report.show_all(console, examinations)
    lines = [line for line in console.export_text().splitlines() if " in " in line and "monitor/" in line]
    assert ["whole" in line for line in lines] == sorted("whole" in line for line in lines)
    assert len(lines) == sum("monitor" in str(each.scope.target) for each in examinations)


def test_a_prometheus_has_a_line_of_its_own_with_what_it_takes(worlds: list[World]) -> None:
    examinations, _ = examined(worlds)
    lines = {each.scope.namespace: each for each in examinations if str(each.scope.target) == "prometheus/p"}
    assert [each.link.name for each in lines["prom-system"].examined] == ["release", "prometheus"]
    assert lines["prom-system"].examined[-1].finding.message == (
        "p selects 1 of 4 monitors, 2 of 2 targets are up"
    )  # fmt: skip


def test_an_agent_takes_monitors_as_a_prometheus_does(worlds: list[World]) -> None:
    thing = worlds[0].objects.pop("prometheuses")[0]
    worlds[0].objects["prometheusagents"] = [{**thing, "kind": "PrometheusAgent"}]
    worlds[0].all("pods")[-1]["metadata"]["labels"]["app.kubernetes.io/name"] = "prometheus-agent"
    examinations, cluster = examined(worlds)
    assert set(causes(examinations).values()) == {""}
    assert "prometheusagent/p" in causes(examinations)
    queries = {path.partition("/api/v1/")[2] for path in cluster.asked if path.startswith("prom-system/pods/")}
    assert queries == {"targets", "status/runtimeinfo", "status/config"}
    put("prometheusagents", "spec", "serviceMonitorSelector", value={"matchLabels": {"a": "b"}})(worlds[0])
    found = next(each for each in examined(worlds)[0] if str(each.scope.target) == "servicemonitor/engine")
    assert found.diagnosis is not None
    told = (found.diagnosis.finding.message, *found.diagnosis.finding.observations)
    assert any("PrometheusAgent p does not select ServiceMonitor garage/engine" in each for each in told)


def test_a_scrapeconfig_is_listed_and_said_to_be_unexamined(worlds: list[World]) -> None:
    config = {"kind": "ScrapeConfig", "metadata": {"name": "vms", "namespace": "garage"}, "spec": {}}
    examinations, _ = examined(worlds, scrapeconfigs=[config])
    (found,) = (each for each in examinations if each.is_unexamined)
    assert (str(found.scope.target), found.diagnosis) == ("scrapeconfig/vms", None)
    console = Console(record=True, width=200)
    report.show_all(console, examinations)
    (line,) = (line for line in console.export_text().splitlines() if "scrapeconfig/vms in garage" in line)
    assert "not examined" in line


def test_progress_names_each_target(worlds: list[World]) -> None:
    told: list[str] = []
    asyncio.run(read(ApiServer(worlds).api, [Scope("", "", everywhere=True)], 5, told.append))
    assert told[0] == "listing the cluster's objects"
    assert told[1].endswith(": servicemonitor engine in garage")
    assert len(told) == 1 + int(told[1].split()[2].rstrip(":"))


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_shown_on_a_terminal_alone(is_terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=80)
    with progress.shown(console) as told:
        told("7 of 9: servicemonitor shop in web")
        time.sleep(0.2)  # it is drawn some times a second
    assert isinstance(console.file, io.StringIO)
    assert ("7 of 9" in console.file.getvalue()) is is_terminal


def test_all_takes_no_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--all", "deployment/shop"]) == 2
    assert capsys.readouterr().err == (
        "doctor: --all examines the whole cluster: name no target and no release with it\n"
    )
