"""Selectors, as Kubernetes and the operator read them."""

from typing import Any

import pytest

from scrape_doctor.resources.selectors import label_changes, matches, unmet


@pytest.mark.parametrize(
    ("selector", "labels", "taken"),
    [
        (None, {"a": "1"}, False),
        ({}, {}, True),
        ({"matchLabels": None}, {"a": "1"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, {"a": "2"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}]}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"a": ""}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {"a": ""}, False),
    ],
)
def test_a_selector_selects_what_kubernetes_would(selector: Any, labels: dict[str, str], taken: bool) -> None:
    assert matches(selector, labels) is taken
    assert bool(unmet(selector, labels)) is not taken


def test_labels_that_would_match_are_named() -> None:
    selector = {"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "In", "values": ["x", "y"]}]}
    assert label_changes(selector, {"a": "1"}) == "b=x"


@pytest.mark.parametrize("operator", ["DoesNotExist", "NotIn"])
def test_a_label_that_a_selector_forbids_is_taken_away(operator: str) -> None:
    assert (
        label_changes({"matchExpressions": [{"key": "a", "operator": operator, "values": ["1"]}]}, {"a": "1"}) == "a-"
    )


def test_a_selector_that_is_not_set_is_met_by_no_label() -> None:
    assert label_changes(None, {"a": "1"}) == ""
