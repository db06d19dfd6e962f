"""Carry the comments of values.yaml into the schema's descriptions and the chart's README: `python -m helm.reference`.

A comment is the block of lines right above a key, or what follows it on its own line. What the schema calls
`#/definitions/io.k8s…` is brought in from Kubernetes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from helm.kubernetes import definitions, referred
from helm.render import CHART

VALUES = CHART / "values.yaml"
SCHEMA = CHART / "values.schema.json"
README = CHART / "README.md"
WIDTH = 100  # of a line of the schema
BEGIN, END = "<!-- values: made by `make values` -->", "<!-- end of values -->"


@dataclass(frozen=True)
class Value:
    """One key of values.yaml: where it is, what it holds by default, and what its comment says."""

    path: tuple[str, ...]
    default: Any
    comment: str

    @property
    def name(self) -> str:
        return ".".join(self.path)


def values(text: str) -> list[Value]:
    """Return every key that has a comment of its own, in the order of the file."""
    lines = text.splitlines()
    return [value for value in _walk(yaml.compose(text), (), yaml.safe_load(text), lines) if value.comment]


def _walk(node: Any, path: tuple[str, ...], default: Any, lines: list[str]) -> Iterator[Value]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, child in node.value:
        here = (*path, key.value)
        yield Value(here, default[key.value], _comment(lines, key.start_mark.line))
        yield from _walk(child, here, default[key.value], lines)


def _comment(lines: list[str], number: int) -> str:
    _, _, beside = lines[number].partition("  # ")
    above: list[str] = []
    while number and lines[number - 1].lstrip().startswith("#"):
        number -= 1
        above.insert(0, lines[number].strip().removeprefix("#").strip())
    return " ".join(above) or beside


def described(schema: dict[str, Any], found: list[Value]) -> dict[str, Any]:
    """Return the schema with each comment as its property's description; raise KeyError for a value it lacks."""
    schema = json.loads(json.dumps(schema))
    for value in found:
        node = schema
        for key in value.path:
            node = node["properties"][key]
        described_node = {"description": value.comment} | {k: v for k, v in node.items() if k != "description"}
        node.clear()
        node.update(described_node)
    return schema


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with those of Kubernetes' definitions that it refers to, and no others."""
    own = {name: each for name, each in schema["definitions"].items() if not name.startswith("io.k8s.")}
    return schema | {"definitions": own | definitions(referred(schema | {"definitions": own}))}


def written(node: Any, indent: str = "") -> str:
    """Return JSON with as much on a line as fits."""
    line = json.dumps(node, ensure_ascii=False)
    if not isinstance(node, dict | list) or len(indent + line) <= WIDTH:
        return line
    inner = indent + "  "
    if isinstance(node, dict):
        entries = [f"{json.dumps(key)}: {written(each, inner)}" for key, each in node.items()]
    else:
        entries = [written(each, inner) for each in node]
    between = f",\n{inner}"
    return f"{line[0]}\n{inner}{between.join(entries)}\n{indent}{line[-1]}"


def table(found: list[Value]) -> str:
    """Return a row for each value that no other commented value is part of."""
    sections = {value.path[:-1] for value in found}
    rows = [
        f"| `{value.name}` | `{json.dumps(value.default)}` | {value.comment.replace('|', chr(92) + '|')} |"
        for value in found
        if value.path not in sections
    ]
    return "\n".join(["| value | default | what it is |", "|---|---|---|", *rows])


def with_table(readme: str, found: list[Value]) -> str:
    """Return the README with the table between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(found)}\n{END}{after}"


def main() -> None:
    found = values(VALUES.read_text())
    SCHEMA.write_text(written(described(completed(json.loads(SCHEMA.read_text())), found)) + "\n")
    README.write_text(with_table(README.read_text(), found))


if __name__ == "__main__":
    main()
