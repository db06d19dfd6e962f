"""The chart's values, read from values.yaml and, for what they are, from the schema's descriptions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pages.repositories import folder
from reference.table import Reference, code, sentence

CHART = Path("helm", "flask-app")


def read() -> Reference:
    """Return a row for each value that is described and holds no other described one."""
    chart = folder("infra-k8s") / CHART
    values = yaml.safe_load((chart / "values.yaml").read_text())
    schema = json.loads((chart / "values.schema.json").read_text())
    rows = tuple(_rows(values, schema, ()))
    return Reference("Chart values", f"`infra-k8s/{CHART}/values.yaml`", ("value", "default", "what it is"), rows)


def _rows(values: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        described = schema.get("properties", {}).get(key, {})
        inner = described.get("properties", {})
        if isinstance(value, dict) and value and any("description" in each for each in inner.values()):
            yield from _rows(value, described, (*path, key))
        elif "description" in described:
            yield code(".".join((*path, key))), code(json.dumps(value)), sentence(described["description"])
