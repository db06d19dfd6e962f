"""The chart's Prometheus rules, rendered as Prometheus loads them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

import yaml
from helm_python.chart import Chart

CHART = Path(__file__).parents[1] / "helm" / "flask-app"


class Rule(TypedDict, total=False):
    """One rule of a group; `alert` or `record` is its name."""

    alert: str
    record: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]


class Group(TypedDict):
    """Rules that Prometheus evaluates one after the other."""

    name: str
    rules: list[Rule]


def groups(
    values: Mapping[str, Any] | None = None, *, release: str = "flask-app", namespace: str = "flask-app"
) -> list[Group]:
    """Render the rule groups of a release with `values` over the chart's defaults; none when they are switched off.

    Raises:
        helm_python.errors.HelmError: if the chart refuses the values.
    """
    with Chart.load(CHART) as chart:
        manifest = chart.render(dict(values or {}), name=release, namespace=namespace)
    rendered = yaml.safe_load(manifest[f"{CHART.name}/templates/prometheusrule.yaml"])
    return cast("list[Group]", rendered["spec"]["groups"]) if rendered else []


def alerts(rule_groups: list[Group]) -> Iterator[Rule]:
    """Yield the alerting rules of `rule_groups`."""
    return (rule for group in rule_groups for rule in group["rules"] if "alert" in rule)


def write(path: Path, rule_groups: list[Group]) -> None:
    """Write `rule_groups` as a rule file for Prometheus or promtool."""
    path.write_text(yaml.safe_dump({"groups": rule_groups}, sort_keys=False, width=1000))
