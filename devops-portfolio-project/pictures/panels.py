"""The panels of a Grafana dashboard, read from its JSON: enough to draw them elsewhere."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Panel:
    """What a panel shows, and where: x, y, width and height in Grafana's grid of 24 columns."""

    title: str
    kind: str
    unit: str
    row: str
    grid: tuple[int, int, int, int]
    queries: tuple[tuple[str, str], ...]  # expression and legend


def load(path: Path) -> dict[str, Any]:
    """Read a dashboard's JSON."""
    dashboard: dict[str, Any] = json.loads(path.read_text())
    return dashboard


def panels(dashboard: Mapping[str, Any]) -> Iterator[Panel]:
    """Yield the panels in reading order, each with the title of the row that it is in."""
    row = ""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            yield from (_panel(inner, row) for inner in panel.get("panels", []))
        else:
            yield _panel(panel, row)


def _panel(panel: Mapping[str, Any], row: str) -> Panel:
    grid = panel["gridPos"]
    return Panel(
        panel["title"],
        panel["type"],
        panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "short"),
        row,
        (grid["x"], grid["y"], grid["w"], grid["h"]),
        tuple((target["expr"], target.get("legendFormat", "")) for target in panel.get("targets", [])),
    )
