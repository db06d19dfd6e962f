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
    """Return a row for each value that is described, and for each group of them."""
    chart = folder("infra-k8s") / CHART
    values = yaml.safe_load((chart / "values.yaml").read_text())
    schema = json.loads((chart / "values.schema.json").read_text())
    rows = tuple(_rows(values, schema, ()))
    return Reference("Chart values", f"`infra-k8s/{CHART}/values.yaml`", ("value", "default", "what it is"), rows)


def _rows(values: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the rows below a path, those of a group after a row without default that says what the group is."""
    for key, value in values.items():
        described = schema.get("properties", {}).get(key, {})
        inner = described.get("properties", {})
        if isinstance(value, dict) and value and any("description" in each for each in inner.values()):
            if "description" in described:
                yield code(".".join((*path, key))), "", f"**{sentence(described['description'])}**"
            yield from _rows(value, described, (*path, key))
        elif "description" in described:
            yield code(".".join((*path, key))), default(value), sentence(described["description"])


def default(value: object) -> str:
    """Return a default as one writes it; of a list of maps only how many there are."""
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return f"{len(value)} of them, see the file"
    return code(json.dumps(value))
