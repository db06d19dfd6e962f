"""Every question that a Grafana dashboard asks Prometheus, read from its JSON: any dashboard's, not only ours."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitoring.rules import CHART
from scrape_doctor import promql

DASHBOARDS = CHART / "files" / "dashboards"

Dashboard = Mapping[str, Any]

LABEL_VALUES = re.compile(r"label_values\((?:(?P<series>.+),)?\s*(?P<label>\w+)\s*\)", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One expression, its variables not yet filled in, and where it stands: `panel Rate by status (A)`."""

    place: str
    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """What a panel shows, enough to draw it anywhere: `unit` is Grafana's name of the unit."""

    title: str
    kind: str
    unit: str
    description: str
    row: str
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Variable:
    """A variable whose values Prometheus knows: those of `label` in what `query` answers; `several` at once or one."""

    name: str
    label: str
    several: bool
    query: Query


def built_in(seconds: int) -> dict[str, str]:
    """Return what Grafana fills in by itself for a time range of so long, of data scraped every 15 or 30 s."""
    return {
        "__interval": "30s",
        "__rate_interval": "2m",
        "__range": f"{seconds}s",
        "__range_s": f"{seconds}",
        "__range_ms": f"{seconds}000",
    }


def load(path: Path) -> Dashboard:
    """Read a dashboard's JSON."""
    dashboard: Dashboard = json.loads(path.read_text())
    return dashboard


def panels(dashboard: Dashboard) -> Iterator[Panel]:
    """Yield the panels in reading order, those of collapsed rows too."""
    row = ""
    for panel in dashboard.get("panels", []):
        if panel["type"] != "row":
            yield _panel(panel, row)
            continue
        row = panel.get("title", "")
        for inner in panel.get("panels", []):
            yield _panel(inner, row)


def variables(dashboard: Dashboard) -> Iterator[Variable]:
    """Yield the variables that are asked of Prometheus, as an expression that answers one series per value."""
    for variable in dashboard.get("templating", {}).get("list", []):
        if variable["type"] != "query":
            continue
        asked = variable["query"]
        text = asked if isinstance(asked, str) else asked.get("query", "")
        found = LABEL_VALUES.fullmatch(text.strip())
        if found and found["series"]:
            query = Query(f"variable {variable['name']}", f"group by ({found['label']}) ({found['series']})")
            yield Variable(variable["name"], found["label"], bool(variable.get("multi")), query)


def annotations(dashboard: Dashboard) -> Iterator[Query]:
    """Yield the annotations' queries."""
    for annotation in dashboard.get("annotations", {}).get("list", []):
        if annotation.get("expr"):
            yield Query(f"annotation {annotation['name']}", annotation["expr"], annotation.get("titleFormat", ""))


def queries(dashboard: Dashboard) -> Iterator[Query]:
    """Yield every query of the dashboard: its variables', its annotations', its panels'."""
    yield from (variable.query for variable in variables(dashboard))
    yield from annotations(dashboard)
    for panel in panels(dashboard):
        yield from panel.queries


def metrics(dashboard: Dashboard) -> dict[str, list[str]]:
    """Map each metric that the dashboard reads to the places that read it, whatever its variables stand for.

    Raises:
        ValueError: if a query is not PromQL.
    """
    read: dict[str, list[str]] = {}
    for query in queries(dashboard):
        for metric in sorted(promql.metrics(with_placeholders(query.expr))):
            read.setdefault(metric, []).append(query.place)
    return read


def with_placeholders(expr: str) -> str:
    """Fill in `expr` so that it parses: times where PromQL wants one, a word elsewhere."""
    timed = re.sub(r"\[[^\[\]]*\$[^\[\]]*\]", "[5m]", expr)
    return promql.fill(timed, {name: built_in(3600).get(name, "any") for name in promql.variables(timed)})


def _panel(panel: Mapping[str, Any], row: str) -> Panel:
    title = panel.get("title", "")
    asked = tuple(
        Query(f"panel {title} ({target.get('refId', '?')})", target["expr"], target.get("legendFormat", ""))
        for target in panel.get("targets", [])
        if target.get("expr")
    )
    unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
    return Panel(title, panel["type"], unit, panel.get("description", ""), row, asked)
