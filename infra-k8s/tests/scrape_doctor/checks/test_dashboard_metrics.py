"""Metrics that a dashboard reads."""

import pytest

from scrape_doctor.checks import dashboard_metrics


@pytest.mark.parametrize(
    ("query", "metrics"),
    [
        ("rate(engine_revs_total[$interval])", {"engine_revs_total"}),
        ('max_over_time(engine_heat{pod=~"$pod"}[$window:$step])', {"engine_heat"}),
        ("sum by ($by) (engine_heat)", {"engine_heat"}),
        ("engine_$what", set()),
    ],
)
def test_metrics_are_read_whatever_variable_a_query_has(query: str, metrics: set[str]) -> None:
    assert dashboard_metrics.metrics_in(query) == metrics


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ('label_values(engine_revs_total{job="a"}, pod)', 'engine_revs_total{job="a"}'),
        ({"query": "query_result(topk(3, engine_heat))"}, "topk(3, engine_heat)"),
        ("label_values(namespace)", ""),
    ],
)
def test_a_dashboards_variables_are_queries_too(query: object, expression: str) -> None:
    board = {"templating": {"list": [{"name": "pod", "type": "query", "query": query}]}}
    assert list(dashboard_metrics.queries(board)) == ([("pod", expression)] if expression else [])
