from typing import Any

import pytest

from monitoring import queries

DASHBOARD: dict[str, Any] = {
    "templating": {
        "list": [
            {"type": "datasource", "name": "datasource", "query": "prometheus"},
            {"type": "query", "name": "namespace", "query": "label_values(up, namespace)"},
            {"type": "query", "name": "pod", "multi": True, "query": {"query": 'label_values(x{n="$namespace"},pod)'}},
            {"type": "query", "name": "job", "query": "label_values(job)"},
            {"type": "custom", "name": "quantile", "query": "0.5,0.9"},
        ]
    },
    "annotations": {"list": [{"name": "Deploys", "expr": "changes(y[$__interval])"}, {"name": "Built in"}]},
    "panels": [
        {"type": "stat", "title": "First", "targets": [{"refId": "A", "expr": "a"}]},
        {"type": "row", "title": "Open"},
        {
            "type": "timeseries",
            "title": "Second",
            "description": "Why.",
            "fieldConfig": {"defaults": {"unit": "bytes"}},
            "targets": [
                {"refId": "A", "expr": "rate(b[$__rate_interval])", "legendFormat": "{{pod}}"},
                {"refId": "B", "expr": ""},
                {"refId": "C", "expr": 'sum by ($by) (quantile_over_time(0.9, c{pod=~"$pod"}[$span]))'},
            ],
        },
        {"type": "row", "title": "Closed", "panels": [{"type": "table", "title": "Third", "targets": [{"expr": "d"}]}]},
        {"type": "text", "title": "Fourth"},
    ],
}


def test_panels_know_their_row_and_what_it_takes_to_draw_them() -> None:
    panels = list(queries.panels(DASHBOARD))
    assert [(panel.row, panel.title) for panel in panels] == [
        ("", "First"),
        ("Open", "Second"),
        ("Closed", "Third"),
        ("Closed", "Fourth"),
    ]
    assert (panels[1].kind, panels[1].unit, panels[1].description) == ("timeseries", "bytes", "Why.")
    assert panels[1].queries[0] == queries.Query("panel Second (A)", "rate(b[$__rate_interval])", "{{pod}}")


def test_variables_become_questions_with_one_series_per_value() -> None:
    assert [(v.name, v.label, v.several, v.query.expr) for v in queries.variables(DASHBOARD)] == [
        ("namespace", "namespace", False, "group by (namespace) (up)"),
        ("pod", "pod", True, 'group by (pod) (x{n="$namespace"})'),
    ]


def test_no_query_is_overlooked() -> None:
    assert [query.place for query in queries.queries(DASHBOARD)] == [
        "variable namespace",
        "variable pod",
        "annotation Deploys",
        "panel First (A)",
        "panel Second (A)",
        "panel Second (C)",
        "panel Third (?)",
    ]


def test_metrics_are_found_whatever_the_variables_stand_for() -> None:
    assert queries.metrics(DASHBOARD) == {
        "up": ["variable namespace"],
        "x": ["variable pod"],
        "y": ["annotation Deploys"],
        "a": ["panel First (A)"],
        "b": ["panel Second (A)"],
        "c": ["panel Second (C)"],
        "d": ["panel Third (?)"],
    }


def test_a_dashboard_without_anything_asks_nothing() -> None:
    assert list(queries.queries({})) == []


@pytest.mark.parametrize("broken", ["sum(", "rate(a)"])
def test_a_broken_query_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="not PromQL"):
        queries.metrics({"panels": [{"type": "stat", "title": "Broken", "targets": [{"expr": broken}]}]})
