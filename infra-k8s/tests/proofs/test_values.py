"""The chart accepts the values that the proofs install it with: a refusal would show on a cluster only."""

from collections.abc import Mapping
from typing import Any

import pytest

from clients.helm import Release
from helm.render import render
from proofs.chaos.environment import Environment
from proofs.drills.conftest import WITH_TRAFFIC
from proofs.drills.release_under_test import QUICK
from proofs.image import Image

IMAGE = Image("registry.example/owner/flask-app", "0.1.0", "sha256:" + "0" * 64)
CHAOS = Environment(Release("chaos"), IMAGE, "node-1", "node-2")


@pytest.mark.parametrize(
    "values",
    [QUICK, {**QUICK, **WITH_TRAFFIC}, CHAOS.values()],
    ids=["drills", "drills with traffic", "chaos"],
)
def test_the_chart_accepts_the_values_of_a_proof(values: Mapping[str, object]) -> None:
    assert render(nested({**IMAGE.values, **values}))


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Return dotted keys as the nested values that a values file holds."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        *parents, last = key.split(".")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return found
