"""values.yaml, its schema and its table say the same, and a mistake in a value is named."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from helm_python import HelmError

from helm.reference import README, SCHEMA, VALUES, described, table, values, with_table
from helm.render import CHART, render
from tests.chart.features import ALL

SCHEMA_NOW: dict[str, Any] = json.loads(SCHEMA.read_text())
COMMENTED = values(VALUES.read_text())


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of the schema, lists' items included."""
    for name, node in schema.get("properties", {}).items():
        yield f"{path}.{name}", node
        yield from nodes(node, f"{path}.{name}")
        yield from nodes(node.get("items", {}), f"{path}.{name}[]")


def test_schema_carries_the_comments() -> None:
    assert described(SCHEMA_NOW, COMMENTED) == SCHEMA_NOW, "stale: make values"


def test_readme_carries_the_table() -> None:
    readme = README.read_text()
    assert table(COMMENTED) in readme, "stale: make values"
    assert with_table(readme, COMMENTED) == readme


def test_every_value_is_commented() -> None:
    free = {name for name, node in nodes(SCHEMA_NOW) if "properties" not in node}
    uncommented = {f".{each}" for each in paths(yaml.safe_load(VALUES.read_text()))} - {f".{v.name}" for v in COMMENTED}
    whole = {".resources", ".strategy"}  # commented as one
    assert {name for name in uncommented if not any(name.startswith(f"{each}.") for each in free | whole)} == set()


def paths(tree: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield f"{path}{key}"
        if isinstance(value, dict):
            yield from paths(value, f"{path}{key}.")


def test_every_property_is_described() -> None:
    assert [name for name, node in nodes(SCHEMA_NOW) if not node.get("description")] == []


def test_schema_is_closed_at_every_level() -> None:
    levels = [("", SCHEMA_NOW), *nodes(SCHEMA_NOW)]
    levels += [(f"{name}[]", node["items"]) for name, node in nodes(SCHEMA_NOW) if "items" in node]
    assert [
        name for name, node in levels if "properties" in node and node.get("additionalProperties") is not False
    ] == []


SECTIONS = ["", *(name for name, node in nodes(SCHEMA_NOW) if "properties" in node)]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_typo_is_named(section: str) -> None:
    given: dict[str, Any] = {"typoo": 1}
    for key in reversed(section.split(".")[1:]):
        given = {key: given}
    with pytest.raises(HelmError, match="additional properties 'typoo' not allowed"):
        render(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"image": {"digest": "sha256:12"}}, "/image/digest"),
        ({"image": {"tag": "a tag"}}, "/image/tag"),
        ({"service": {"type": "Nodeport"}}, "/service/type"),
        ({"replicaCount": "two"}, "/replicaCount"),
        ({"podDisruptionBudget": {"maxUnavailable": 0}}, "/podDisruptionBudget/maxUnavailable"),
        ({"podDisruptionBudget": {"maxUnavailable": "0%"}}, "/podDisruptionBudget/maxUnavailable"),
        ({"podLabels": {"app.kubernetes.io/name": "x"}}, "app.kubernetes.io/name"),
        ({"faults": {"token": "short"}}, "/faults/token"),
        ({"faults": {"enabled": True}}, "faults.enabled needs faults.token .* or faults.existingSecret.name"),
        ({"faults": {"token": "a" * 16, "existingSecret": {"name": "x"}}}, "both set: set one"),
        ({"extraEnv": [{"name": "PORT", "value": "1"}]}, "extraEnv sets PORT, which the chart sets itself"),
        ({"shutdown": {"drainSeconds": 25}}, "shutdown.drainSeconds .25. must be less than"),
        ({"autoscaling": {"enabled": True, "minReplicas": 9}}, "minReplicas .9. exceeds autoscaling.maxReplicas .6."),
    ],
)
def test_a_bad_value_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmError, match=message):
        render(given)


def test_the_placeholder_owner_of_the_image_is_written_once() -> None:
    written = [
        line
        for file in CHART.rglob("*.yaml")
        for line in file.read_text().splitlines()
        if re.search(r"ghcr\.io/your-github-name/", line)
    ]
    assert len(written) == 1


def test_every_feature_renders() -> None:
    assert len(ALL) > 15
    assert all(render(given) for given in ALL.values())
