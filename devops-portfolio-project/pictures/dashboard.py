"""The Grafana dashboard's own queries, asked of a real Prometheus and drawn by matplotlib: no Grafana is in it."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import dates
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pages.prometheus import Prometheus, Refused, Series, reached
from pages.repositories import Absent, folder
from pictures.panels import Panel, load, panels
from pictures.picture import SCALE, SCREENSHOTS, WIDTH, Left
from pictures.source_hash import hash_of, stamp
from pictures.units import written

DASHBOARD = Path("helm", "flask-app", "files", "dashboards", "flask-app.json")
PICTURES = (SCREENSHOTS / "prometheus-dashboard-queries.png", SCREENSHOTS / "prometheus-dashboard-queries-dark.png")
# One picture's worth of it; the others are asked by `make e2e`.
ROWS = ("Overview", "Requests: rate, errors, duration", "Pods: utilisation, saturation, errors")
PODS = 'kube_pod_info{namespace="%s",created_by_kind="ReplicaSet",created_by_name=~"%s-[^-]+"}'
SCRAPE = 15  # seconds, the chart's interval
COLOURS = ("#0284c7", "#d97706", "#16a34a", "#dc2626", "#7c3aed", "#0d9488", "#64748b")
UNIT_HEIGHT = 0.27  # inches of a row of Grafana's grid
MOST_LEGENDS = 6
LETTER = 0.62  # width of a letter of DejaVu Sans by the size of the font, on average
HEAD = 0.55  # inches above the first row
DPI = 100
STYLE: dict[Any, Any] = {"font.family": "DejaVu Sans", "font.size": 8, "grid.linewidth": 0.5}
# Text, paper, frames, grid and heat, of GitHub's light page and of its dark one.
THEMES = (
    ("#0f172a", "#ffffff", "#cbd5e1", "#e2e8f0", "Blues"),
    ("#e6edf3", "#0d1117", "#484f58", "#21262d", "Blues_r"),
)


def take() -> None:
    """Draw MINUTES (10) of NAMESPACE (flask-app) up to UNTIL (now); raise Left where no Prometheus has them."""
    namespace = os.environ.get("NAMESPACE") or "flask-app"
    try:
        minutes = float(os.environ.get("MINUTES") or 10)
        end = datetime.fromisoformat(os.environ.get("UNTIL") or datetime.now(UTC).isoformat()).timestamp()
    except ValueError as error:
        raise Left(f"MINUTES is a number, UNTIL a time such as 2026-01-31T12:00+00:00: {error}") from None
    try:
        dashboard = folder("infra-k8s") / DASHBOARD
        with reached() as server:
            draw(server, dashboard, namespace, end - minutes * 60, end)
    except (Absent, Refused) as missing:
        raise Left(str(missing)) from None


def draw(server: Prometheus, dashboard: Path, namespace: str, start: float, end: float) -> None:
    """Write the pictures, light and dark, of the time between `start` and `end`, in seconds since the epoch."""
    shown = [panel for panel in panels(load(dashboard)) if panel.row in ROWS]
    filled = variables(server, namespace, start, end)
    answers = {
        panel: [
            (legend, series)
            for expression, legend in panel.queries
            for series in server.query(substituted(expression, filled), start, end, max((end - start) / 240, 5))
        ]
        for panel in shown
    }
    for picture, (ink, paper, frame, grid, heat) in zip(PICTURES, THEMES, strict=True):
        colours: dict[Any, Any] = {
            **dict.fromkeys(("text.color", "xtick.labelcolor", "ytick.labelcolor"), ink),
            **dict.fromkeys(("figure.facecolor", "axes.facecolor"), paper),
            **{"axes.edgecolor": frame, "grid.color": grid, "image.cmap": heat},
        }
        with mpl.rc_context(STYLE | colours):
            paint(picture, answers, headline(namespace, start, end))
        stamp(picture, hash_of(dashboard))


def paint(picture: Path, answers: Mapping[Panel, list[tuple[str, Series]]], head: str) -> None:
    """Write one picture of all panels, in the colours that are set."""
    places, height = layout(list(answers))
    inches = HEAD + height * UNIT_HEIGHT
    figure = plt.figure(figsize=(WIDTH / DPI, inches), dpi=DPI * SCALE)
    figure.text(0.01, 1 - HEAD / 2 / inches, head, fontsize=9, va="center")
    for panel, found in answers.items():
        (PAINTERS[panel.kind] if found else paint_nothing)(card(figure, panel, places[panel]), panel, found)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture)
    plt.close(figure)


def headline(namespace: str, start: float, end: float) -> str:
    """Say what this is a picture of, and what it is not."""
    begin, now = (datetime.fromtimestamp(each, UTC) for each in (start, end))
    return (
        "The queries of the Grafana dashboard “Flask app”, answered by Prometheus and drawn by matplotlib (not Grafana)"
        f"\nnamespace {namespace} · {begin:%Y-%m-%d %H:%M} to {now:%H:%M} UTC"
    )


def card(figure: Figure, panel: Panel, place: tuple[int, int, int, int]) -> Axes:
    """Return the axes of a panel inside a framed card with its title; the place is in units of Grafana's grid."""
    x, y, w, h = place
    inches = figure.get_figheight()
    top = 1 - (HEAD + y * UNIT_HEIGHT) / inches
    tall, wide = h * UNIT_HEIGHT / inches, w / 24
    gap = 0.004
    corner, frame = (x / 24 + gap, top - tall + gap), mpl.rcParams["axes.edgecolor"]
    figure.add_artist(Rectangle(corner, wide - 2 * gap, tall - 2 * gap, fill=False, edgecolor=frame, lw=0.7))
    figure.text(x / 24 + 3 * gap, top - 0.2 / inches, panel.title, fontsize=8.5, weight="bold", va="center")
    left, right, bottom = (0.06, 0.012, 0.5) if panel.kind != "stat" else (0.012, 0.0, 0.1)
    return figure.add_axes(
        (
            x / 24 + left,
            top - tall + bottom / inches,
            wide - left - right,
            tall - (bottom + 0.42) / inches,
        )
    )


def layout(shown: list[Panel]) -> tuple[dict[Panel, tuple[int, int, int, int]], int]:
    """Return each panel's place with the rows that are left out closed up, and the height of all."""
    places: dict[Panel, tuple[int, int, int, int]] = {}
    height = 0
    for row in ROWS:
        inside = [panel for panel in shown if panel.row == row]
        top = min(panel.grid[1] for panel in inside)
        places |= {p: (p.grid[0], p.grid[1] - top + height, p.grid[2], p.grid[3]) for p in inside}
        height += max(panel.grid[1] + panel.grid[3] for panel in inside) - top
    return places, height


def variables(server: Prometheus, namespace: str, start: float, end: float) -> dict[str, str]:
    """Return what Grafana would fill in: the release, all of its pods, and times."""
    services = server.label_values(f'app_build_info{{namespace="{namespace}"}}', "service", start, end)
    if not services:
        raise Refused(f"Prometheus knows no release in namespace {namespace}: deploy first, or set NAMESPACE")
    pods = server.label_values(PODS % (namespace, services[0]), "pod", start, end)
    return {
        "namespace": namespace,
        "service": services[0],
        "pod": "|".join(pods) or ".*",
        "__rate_interval": f"{4 * SCRAPE}s",
        "__range": f"{end - start:.0f}s",
    }


def substituted(expression: str, filled: Mapping[str, str]) -> str:
    """Return an expression with its variables filled in."""
    return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda found: filled[found[1] or found[2]], expression)


def legend_of(template: str, series: Series) -> str:
    """Return a legend, its labels filled in; a pod is called by its last five letters, a commit by its beginning."""
    text = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: series.labels.get(found[1], ""), template)
    text = re.sub(r"^\S+-[a-z0-9]+-([a-z0-9]{5})\b", r"…\1", text)
    return re.sub(r"\b([0-9a-f]{7})[0-9a-f]{33}\b", r"\1", text)


def paint_lines(axes: Axes, panel: Panel, answers: list[tuple[str, Series]]) -> None:
    """Draw lines over time; where there are many, the first ones are named."""
    # So that the axis counts in MiB, not in millions.
    scale = 1024.0**2 if panel.unit == "bytes" else 1024.0 if panel.unit == "Bps" else 1.0
    for number, (template, series) in enumerate(answers):
        times = dates.date2num([datetime.fromtimestamp(each, UTC) for each in series.times])
        label = legend_of(template, series) if number < MOST_LEGENDS else ""
        values = [value / scale for value in series.values]
        axes.plot(times, values, color=COLOURS[number % len(COLOURS)], lw=1.3, label=label)
    highest = max(max(series.values) for _, series in answers) / scale
    if min(min(series.values) for _, series in answers) >= 0:
        top = highest * 1.08 or 1
        axes.set_ylim(-0.02 * top, top)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value * scale, panel.unit)))
    _clock(axes)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.1, -0.14),
        ncol=3,
        fontsize=6.5,
        frameon=False,
        handlelength=1,
        borderaxespad=0,
        columnspacing=1,
    )


def paint_number(axes: Axes, panel: Panel, answers: list[tuple[str, Series]]) -> None:
    """Write the last value of each series, large."""
    axes.set_axis_off()
    shown = [(legend_of(template, series), series.values[-1]) for template, series in answers]
    texts = [
        written(value, panel.unit) if legend in ("", "__auto") else f"{legend}: {written(value, panel.unit)}"
        for legend, value in shown
    ]
    wide = panel.grid[2] / 24 * WIDTH / DPI * 72 * 0.88  # points that a line may take
    size = min(17, wide / max(map(len, texts)) / LETTER)
    axes.text(0, 0.45, "\n".join(texts), fontsize=size, color=COLOURS[0], va="center", transform=axes.transAxes)


def paint_heatmap(axes: Axes, panel: Panel, answers: list[tuple[str, Series]]) -> None:
    """Draw a histogram over time: a row for each bucket, what came into it since the one below."""
    buckets = sorted((float(series.labels["le"].replace("+Inf", "inf")), series) for _, series in answers)
    below = [0.0] * len(buckets[0][1].values)
    rows: list[list[float]] = []
    for _, series in buckets:
        values = [0.0] * (len(below) - len(series.values)) + list(series.values)
        rows.append([max(0.0, value - under) for value, under in zip(values, below, strict=True)])
        below = values
    used = max(number for number, row in enumerate(rows) if any(row)) + 1
    buckets, rows = buckets[:used], rows[:used]
    times = dates.date2num([datetime.fromtimestamp(each, UTC) for each in buckets[0][1].times])
    axes.pcolormesh(times, range(len(rows)), rows, shading="nearest")
    axes.set_yticks(range(len(rows)), [written(bound, "s") if bound < float("inf") else "more" for bound, _ in buckets])
    _clock(axes)
    axes.grid(visible=False)


def paint_nothing(axes: Axes, panel: Panel, answers: list[tuple[str, Series]]) -> None:
    """Say, as Grafana does, that there is no data."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No data", color=COLOURS[-1], ha="center", transform=axes.transAxes)


def _clock(axes: Axes) -> None:
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=6))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    axes.tick_params(labelsize=6.5, color=mpl.rcParams["axes.edgecolor"], length=2, pad=2)
    axes.grid(visible=True)
    axes.spines[["top", "right"]].set_visible(False)


PAINTERS = {"timeseries": paint_lines, "stat": paint_number, "heatmap": paint_heatmap}
