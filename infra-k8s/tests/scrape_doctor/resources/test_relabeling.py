"""Relabeling steps: which one drops a target, as Prometheus would."""

from typing import Any

import pytest

from scrape_doctor.resources.relabeling import dropping_step

DISCOVERED = {
    "__meta_kubernetes_pod_name": "shop-0",
    "__meta_kubernetes_namespace": "web",
    "__meta_kubernetes_pod_label_tier": "front",
    "__address__": "10.0.0.1:8080",
}
TIER = ["__meta_kubernetes_pod_label_tier"]


@pytest.mark.parametrize(
    ("steps", "dropping"),
    [
        ([], None),
        ([{"action": "keep", "sourceLabels": TIER, "regex": "front"}], None),
        ([{"action": "keep", "sourceLabels": TIER, "regex": "fro"}], (0, "front")),
        ([{"action": "keep", "sourceLabels": TIER, "regex": "back|front"}], None),
        ([{"action": "drop", "sourceLabels": TIER, "regex": "f.*"}], (0, "front")),
        ([{"action": "Keep", "sourceLabels": ["namespace", "pod"], "regex": "web;shop-.*"}], None),
        (
            [{"action": "keep", "sourceLabels": ["namespace", "pod"], "separator": "/", "regex": "web;.*"}],
            (0, "web/shop-0"),
        ),
        (
            [
                {"sourceLabels": TIER, "targetLabel": "tier", "regex": "(f)(.*)", "replacement": "${2}-$1"},
                {"action": "keep", "sourceLabels": ["tier"], "regex": "ront-f"},
                {"action": "drop", "sourceLabels": ["tier"], "regex": "ront-f"},
            ],
            (2, "ront-f"),
        ),
        (
            [
                {"action": "labelmap", "regex": "__meta_kubernetes_pod_label_(.+)"},
                {"action": "keep", "sourceLabels": ["tier"], "regex": "back"},
            ],
            (1, "front"),
        ),
        (
            [{"action": "labeldrop", "regex": "pod"}, {"action": "keep", "sourceLabels": ["pod"], "regex": ".+"}],
            (1, ""),
        ),
        ([{"action": "keepequal", "sourceLabels": TIER, "targetLabel": "namespace"}], (0, "front")),
        ([{"action": "dropequal", "sourceLabels": TIER, "targetLabel": "namespace"}], None),
        (
            [
                {"action": "uppercase", "sourceLabels": TIER, "targetLabel": "t"},
                {"action": "drop", "sourceLabels": ["t"], "regex": "FRONT"},
            ],
            (1, "FRONT"),
        ),
        ([{"action": "keep", "sourceLabels": TIER, "regex": r"\pL("}], None),
    ],
)
def test_the_step_that_drops_a_target_is_found(steps: list[dict[str, Any]], dropping: tuple[int, str] | None) -> None:
    assert dropping_step(steps, DISCOVERED) == dropping
