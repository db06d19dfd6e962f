"""Draw the dashboard's queries for the four golden signals, answered by a real Prometheus, without Grafana."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import dates
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from checks.prometheus import Prometheus, PrometheusError, Series, connect
from checks.repositories import MissingRepository, folder
from pictures.picture import SCALE, SCREENSHOTS, WIDTH, Skipped
from pictures.source_hash import hash_of, stamp

DASHBOARD = Path("helm", "flask-app", "files", "dashboards", "flask-app.json")
PICTURES = (SCREENSHOTS / "prometheus-dashboard-queries.png", SCREENSHOTS / "prometheus-dashboard-queries-dark.png")
# What a person looks at first: each signal by the title of its panel.
SIGNALS = {"Traffic": "Rate by route", "Errors": "Error ratio by route", "Latency": "Duration", "Saturation": "CPU"}
UNITS = {"reqps": "{:.3g} req/s", "percentunit": "{:.3g} %", "s": "{:.3g} ms", "suffix: cores": "{:.2g} cores"}
FACTORS = {"percentunit": 100, "s": 1000}  # from Grafana's unit to the one that is written
PODS = 'kube_pod_info{namespace="%s",created_by_kind="ReplicaSet",created_by_name=~"%s-[^-]+"}'
SCRAPE_INTERVAL = 15  # seconds, the chart's
COLOURS = ("#0284c7", "#d97706", "#16a34a", "#dc2626", "#7c3aed", "#0d9488", "#64748b")
MAX_LEGENDS = 6
DPI = 100
SIZE = (WIDTH / DPI, WIDTH / DPI * 9 / 16)  # inches
STYLE: dict[Any, Any] = {"font.family": "DejaVu Sans", "font.size": 13, "axes.grid": True, "lines.linewidth": 2.2}
# Text, paper and grid of GitHub's light page and of its dark one.
THEMES = (("#0f172a", "#ffffff", "#e2e8f0"), ("#e6edf3", "#0d1117", "#30363d"))


@dataclass(frozen=True)
class Panel:
    """A panel of the dashboard: its title, its unit, and its queries as pairs of expression and legend."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]


def panels(dashboard: Path) -> dict[str, Panel]:
    """Return the panel of each signal; raise KeyError where the dashboard has none of that title."""
    content = json.loads(dashboard.read_text())["panels"]
    found = {
        panel["title"]: Panel(
            panel["title"],
            panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "short"),
            tuple((target["expr"], target.get("legendFormat", "")) for target in panel.get("targets", ())),
        )
        for row in content
        for panel in (row, *row.get("panels", ()))
    }
    return {signal: found[title] for signal, title in SIGNALS.items()}


def take() -> None:
    """Draw MINUTES (10) of NAMESPACE (flask-app) up to UNTIL (now); raise Skipped where no Prometheus has them."""
    namespace = os.environ.get("NAMESPACE") or "flask-app"
    try:
        minutes = float(os.environ.get("MINUTES") or 10)
        end = datetime.fromisoformat(os.environ.get("UNTIL") or datetime.now(UTC).isoformat()).timestamp()
    except ValueError as error:
        raise Skipped(f"MINUTES is a number, UNTIL a time such as 2026-01-31T12:00+00:00: {error}") from None
    try:
        dashboard = folder("infra-k8s") / DASHBOARD
        with connect() as server:
            draw(server, dashboard, namespace, end - minutes * 60, end)
    except (MissingRepository, PrometheusError) as missing:
        raise Skipped(str(missing)) from None


def draw(server: Prometheus, dashboard: Path, namespace: str, start: float, end: float) -> None:
    """Write the pictures, light and dark, of the time between `start` and `end`, in seconds since the epoch."""
    values = variables(server, namespace, start, end)
    step = max((end - start) / 240, 5)
    signals = panels(dashboard)
    answers = {
        signal: [
            (legend(template, series), series)
            for expression, template in panel.queries
            for series in server.query(substituted(expression, values), start, end, step)
        ]
        for signal, panel in signals.items()
    }
    begin, until = (datetime.fromtimestamp(each, UTC) for each in (start, end))
    title = (
        "The dashboard's queries, answered by Prometheus and drawn by matplotlib (not Grafana)"
        f"\nnamespace {namespace} · {begin:%Y-%m-%d %H:%M} to {until:%H:%M} UTC"
    )
    for picture, (ink, paper, grid) in zip(PICTURES, THEMES, strict=True):
        colours: dict[Any, Any] = {
            **dict.fromkeys(("text.color", "axes.titlecolor", "xtick.color", "ytick.color", "legend.labelcolor"), ink),
            **dict.fromkeys(("figure.facecolor", "axes.facecolor", "legend.facecolor"), paper),
            **dict.fromkeys(("axes.edgecolor", "grid.color", "legend.edgecolor"), grid),
        }
        with mpl.rc_context(STYLE | colours):
            figure, axes = plt.subplots(2, 2, figsize=SIZE, dpi=DPI * SCALE, layout="constrained")
            figure.suptitle(title, fontsize=13, x=0.01, ha="left")
            for place, (signal, panel) in zip(axes.flat, signals.items(), strict=True):
                place.set_title(f"{signal}: {panel.title.lower()}", fontsize=15, weight="bold", loc="left")
                paint(place, panel, answers[signal])
            picture.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(picture)
            plt.close(figure)
        stamp(picture, hash_of(dashboard))


def paint(axes: Axes, panel: Panel, answers: list[tuple[str, Series]]) -> None:
    """Draw a panel's series over time, or write that there is no data."""
    axes.spines[["top", "right"]].set_visible(False)
    if not answers:
        axes.text(0.5, 0.5, "No data", ha="center", transform=axes.transAxes)
        return
    factor = FACTORS.get(panel.unit, 1)
    for number, (label, series) in enumerate(answers):
        times = dates.date2num([datetime.fromtimestamp(each, UTC) for each in series.times])
        values = [value * factor for value in series.values]
        shown = label if number < MAX_LEGENDS else "_hidden"
        axes.plot(times, values, color=COLOURS[number % len(COLOURS)], label=shown)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: UNITS[panel.unit].format(value)))
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=5))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    axes.legend(fontsize=11, ncol=2, loc="upper left", framealpha=0.8)


def variables(server: Prometheus, namespace: str, start: float, end: float) -> dict[str, str]:
    """Return the values of the dashboard's variables: the release, all of its pods, and times."""
    services = server.label_values(f'app_build_info{{namespace="{namespace}"}}', "service", start, end)
    if not services:
        raise PrometheusError(f"Prometheus knows no release in namespace {namespace}: deploy first, or set NAMESPACE")
    pods = server.label_values(PODS % (namespace, services[0]), "pod", start, end)
    return {
        "namespace": namespace,
        "service": services[0],
        "pod": "|".join(pods) or ".*",
        "__rate_interval": f"{4 * SCRAPE_INTERVAL}s",
        "__range": f"{end - start:.0f}s",
    }


def substituted(expression: str, values: Mapping[str, str]) -> str:
    """Return an expression with its variables replaced by their values."""
    return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda found: values[found[1] or found[2]], expression)


def legend(template: str, series: Series) -> str:
    """Return a legend with the series' labels; a pod is named by its last five letters."""
    text = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: series.labels.get(found[1], ""), template)
    return re.sub(r"^\S+-[a-z0-9]+-([a-z0-9]{5})\b", r"…\1", text)
