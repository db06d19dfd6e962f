"""Our kinds of panel: each with a description, a unit, thresholds and a word for the absence of data."""

from typing import TypeVar

from grafana_foundation_sdk.builders import common as common_builder
from grafana_foundation_sdk.builders import dashboard as dashboard_builder
from grafana_foundation_sdk.builders import heatmap as heatmap_builder
from grafana_foundation_sdk.builders import prometheus, statetimeline
from grafana_foundation_sdk.builders import stat as stat_builder
from grafana_foundation_sdk.builders import timeseries as timeseries_builder
from grafana_foundation_sdk.models import common, dashboard, heatmap
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = dashboard.DataSourceRef("prometheus", "${datasource}")

# Of the whole release; of the pods that the reader picked; of their containers, as Kubernetes sees them.
SERVICE = 'namespace="$namespace",service="$service"'
PODS = SERVICE + ',pod=~"$pod"'
CONTAINERS = 'namespace="$namespace",pod=~"$pod",container!=""'
DEPLOYMENT = 'namespace="$namespace",deployment="$service"'

GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "#808080"

Step = tuple[float | None, str]
GOOD: tuple[Step, ...] = ((None, GREEN),)

AnyPanel = (
    stat_builder.Panel
    | timeseries_builder.Panel
    | heatmap_builder.Panel
    | statetimeline.Panel
    | dashboard_builder.Panel
)
P = TypeVar(
    "P",
    stat_builder.Panel,
    timeseries_builder.Panel,
    heatmap_builder.Panel,
    statetimeline.Panel,
    dashboard_builder.Panel,
)


def asks(expr: str, legend: str = "", *, instant: bool = False) -> prometheus.Dataquery:
    """Ask Prometheus for `expr`; `instant` for one number about the whole time range."""
    query = prometheus.Dataquery().expr(expr).legend_format(legend or "__auto").datasource(DATASOURCE)
    return query.instant() if instant else query.range()


def replicas() -> tuple[prometheus.Dataquery, prometheus.Dataquery]:
    """Ask how many pods take traffic, and how many the Deployment asks for."""
    return (
        asks(f"max(kube_deployment_status_replicas_available{{{DEPLOYMENT}}})", "ready"),
        asks(f"max(kube_deployment_spec_replicas{{{DEPLOYMENT}}})", "wanted"),
    )


def stat(
    title: str, description: str, *targets: prometheus.Dataquery, unit: str, steps: tuple[Step, ...] = GOOD
) -> stat_builder.Panel:
    """Show a number, coloured by its threshold."""
    panel = stat_builder.Panel().graph_mode(common.BigValueGraphMode.NONE).color_mode(common.BigValueColorMode.VALUE)
    panel.reduce_options(common_builder.ReduceDataOptions().calcs(["lastNotNull"]))
    return _framed(panel, title, description, targets, unit, steps).height(4).span(4)


def graph(
    title: str,
    description: str,
    *targets: prometheus.Dataquery,
    unit: str,
    steps: tuple[Step, ...] = GOOD,
    stacked: bool = False,
    signed: bool = False,
) -> timeseries_builder.Panel:
    """Draw lines over time, from zero unless `signed`; thresholds beside the first are drawn as dashed lines."""
    panel = timeseries_builder.Panel().line_width(1).fill_opacity(40 if stacked else 10)
    panel.show_points(common.VisibilityMode.NEVER)
    if not signed:
        panel.min(0)
    panel.color_scheme(dashboard_builder.FieldColor().mode(dashboard.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    panel.tooltip(
        common_builder.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
    )
    legend = common_builder.VizLegendOptions().display_mode(common.LegendDisplayMode.LIST).show_legend(True)
    panel.legend(legend.placement(common.LegendPlacement.BOTTOM).calcs([]))
    if stacked:
        panel.stacking(common_builder.StackingConfig().mode(common.StackingMode.NORMAL))
    if len(steps) > 1:
        panel.thresholds_style(common_builder.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED))
    return _framed(panel, title, description, targets, unit, steps).height(8).span(8)


def per_pod(
    title: str, description: str, expr: str, *, unit: str, steps: tuple[Step, ...] = GOOD
) -> timeseries_builder.Panel:
    """Draw a line for each pod."""
    return graph(title, description, asks(expr, "{{pod}}"), unit=unit, steps=steps)


def distribution(title: str, description: str, target: prometheus.Dataquery, *, unit: str) -> heatmap_builder.Panel:
    """Draw a histogram's buckets over time, the fuller the darker."""
    panel = heatmap_builder.Panel().calculate(False).cell_gap(1)
    panel.y_axis(heatmap_builder.YAxisConfig().unit(unit).axis_placement(common.AxisPlacement.LEFT))
    panel.color(heatmap_builder.HeatmapColorOptions().mode(heatmap.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
    return (
        _framed(panel, title, description, (target.format(PromQueryFormat.HEATMAP),), "short", GOOD).height(8).span(8)
    )


def timeline(
    title: str, description: str, target: prometheus.Dataquery, states: dict[str, tuple[str, str]]
) -> statetimeline.Panel:
    """Draw a band for each series; `states` gives each value its word and colour."""
    results = {
        value: dashboard.ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(states.items())
    }
    panel = statetimeline.Panel().mappings([dashboard.ValueMap(options=results)])
    return _framed(panel, title, description, (target,), "short", GOOD).height(8).span(8)


def line(color: str) -> list[dashboard.DynamicConfigValue]:
    """Set a bound apart from what is measured: a dashed line without a filling."""
    return [
        dashboard.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color}),
        dashboard.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
        dashboard.DynamicConfigValue("custom.fillOpacity", 0),
    ]


def framed(panel: P, title: str, description: str) -> P:
    """Give any other panel its frame; it asks nothing of Prometheus itself."""
    return _framed(panel, title, description, (), "short", GOOD)


def _framed(
    panel: P,
    title: str,
    description: str,
    targets: tuple[prometheus.Dataquery, ...],
    unit: str,
    steps: tuple[Step, ...],
) -> P:
    thresholds = dashboard_builder.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE)
    thresholds.steps([dashboard.Threshold(value=value, color=color) for value, color in steps])
    panel.title(title).description(description).datasource(DATASOURCE)
    panel.unit(unit).thresholds(thresholds).no_value("no data")
    for index, target in enumerate(targets):
        panel.with_target(target.ref_id(chr(ord("A") + index)))
    return panel
