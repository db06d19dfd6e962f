"""The dashboard in the chart: fresh, complete, and in terms that Grafana and Prometheus know."""

from typing import Any

import pytest

from monitoring import queries, rules
from monitoring.dashboards import files
from monitoring.dashboards.objectives import BURN_RATES, NOW
from scrape_doctor import promql

DASHBOARD = queries.load(queries.DASHBOARDS / "flask-app.json")
RAW: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
PANELS = list(queries.panels(DASHBOARD))
EXPRESSIONS = [query.expr for query in queries.queries(DASHBOARD)]


def test_the_files_in_the_chart_are_what_the_code_generates() -> None:
    kept = {path.name: path.read_text() for path in queries.DASHBOARDS.glob("*.json")}
    assert kept == files.contents(), "stale: run `make dashboards`"


def test_grafana_finds_it_under_the_same_address_for_ever() -> None:
    assert (DASHBOARD["uid"], DASHBOARD["editable"]) == ("flask-app", False)
    assert DASHBOARD.get("id") is None
    assert "__inputs" not in DASHBOARD


@pytest.mark.parametrize("panel", RAW, ids=lambda panel: panel["title"])
def test_every_panel_explains_itself(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    assert panel["description"].endswith(".")
    assert defaults["unit"]
    assert defaults["noValue"]
    assert defaults["thresholds"]["steps"]


@pytest.mark.parametrize("panel", RAW, ids=lambda panel: panel["title"])
def test_every_panel_asks_the_picked_data_source(panel: dict[str, Any]) -> None:
    for asked in (panel, *panel.get("targets", [])):
        assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_panels_do_not_overlap_and_fill_no_more_than_the_width() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_every_query_is_promql_of_this_release_only(expr: str) -> None:
    for selector in promql.selectors(queries.with_placeholders(expr)):
        if promql.name(selector) != "app_build_info":
            assert promql.equal(selector, "namespace") == "any"


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_units_are_grafanas_business(expr: str) -> None:
    assert "1024" not in expr
    assert "1000" not in expr
    assert "* 100" not in expr


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_rates_follow_the_scrape_interval(expr: str) -> None:
    assert not [span for span in ("[1m]", "[5m]", "[10m]", "[1h]") if span in expr]


def test_bytes_are_shown_as_mebibytes() -> None:
    for panel in PANELS:
        if any("_bytes" in query.expr and "_total" not in query.expr for query in panel.queries):
            assert panel.unit in ("bytes", "percentunit"), panel.title


def test_recorded_series_are_recorded_by_the_chart() -> None:
    recorded = {rule["record"] for group in rules.groups() for rule in group["rules"] if "record" in rule}
    read = {metric for metric in queries.metrics(DASHBOARD) if ":" in metric}
    assert read <= recorded
    assert {f"service:http_requests_failed:ratio_rate{window}" for window in (NOW, *BURN_RATES)} <= read


def test_what_only_the_default_windows_record_says_so() -> None:
    for panel in PANELS:
        if any(":ratio_rate" in query.expr for query in panel.queries):
            assert "chart's defaults" in panel.description, panel.title


def test_only_what_can_be_below_zero_is_drawn_below_zero() -> None:
    graphs = [panel for panel in RAW if panel["type"] == "timeseries"]
    signed = [panel["title"] for panel in graphs if "min" not in panel["fieldConfig"]["defaults"]]
    assert signed == ["Error budget left (3d)"]
    assert {panel["fieldConfig"]["defaults"].get("min", 0) for panel in graphs} == {0}


def test_rollouts_and_faults_are_marked() -> None:
    assert [query.place for query in queries.annotations(DASHBOARD)] == ["annotation Rollout", "annotation Fault"]
