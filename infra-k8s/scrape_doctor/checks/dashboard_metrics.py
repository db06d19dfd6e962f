"""The dashboards' queries: every metric that they read is exported."""

import difflib
import json
import re
from collections.abc import Iterator

from scrape_doctor import promql
from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources.dashboards import files, is_dashboard
from scrape_doctor.resources.objects import name
from scrape_doctor.snapshot import Snapshot

DURATIONS = {"__rate_interval": "5m", "__interval": "1m", "__range": "1h"}
UNKNOWN = "doctor_variable"
WINDOW = re.compile(r"\[(?!\[)[^\]]*\]")  # a range or subquery, whose variables are durations


def check(snapshot: Snapshot) -> Finding:
    """Look each metric up among those that Prometheus has samples, metadata or rules of."""
    if snapshot.scope.is_release and snapshot.cluster.may_not_list("configmaps", snapshot.scope.namespace):
        return needs(f"list configmaps in namespace {snapshot.scope.namespace}")
    count = 0
    for thing in snapshot.subject.configmaps:
        if not is_dashboard(thing):
            continue
        for file, text in files(thing):
            for title, query in queries(json.loads(text)):
                names = metrics_in(query)
                count += 1
                for metric in sorted(names - snapshot.prometheus.metrics):
                    return not_exported(snapshot, metric, title, query, f"{name(thing)}/{file}")
    return ok(f"every metric of {count} queries is exported") if count else skipped("no dashboard queries Prometheus")


def queries(node: object, title: str = "") -> Iterator[tuple[str, str]]:
    """Yield the title and expression of every query in a dashboard: panels, annotations and variables."""
    if isinstance(node, dict):
        title = str(node.get("title") or node.get("name") or title)
        if isinstance(node.get("expr"), str):
            yield title, node["expr"]
        if node.get("type") == "query" and (expression := of_variable(node)):
            yield title, expression
        for value in node.values():
            yield from queries(value, title)
    elif isinstance(node, list):
        for value in node:
            yield from queries(value, title)


def of_variable(variable: dict[str, object]) -> str:
    """Return the expression that a dashboard variable reads, as label_values(…, label) or query_result(…)."""
    query = variable.get("query")
    text = str(query.get("query", "")) if isinstance(query, dict) else str(query or "")
    found = re.fullmatch(
        r"\s*(?:label_values\((?P<series>.+),\s*\w+\s*\)|query_result\((?P<query>.+)\))\s*", text, re.DOTALL
    )
    return (found["series"] or found["query"]) if found else ""


def metrics_in(query: str) -> set[str]:
    """Return the metrics that a query reads; none if it is not PromQL or if a variable makes the name."""
    windows = {name for window in WINDOW.findall(query) for name in promql.variables(window)}
    values = {v: DURATIONS.get(v, "5m" if v in windows else UNKNOWN) for v in promql.variables(query)}
    try:
        return {metric for metric in promql.metrics(promql.fill(query, values)) if UNKNOWN not in metric}
    except ValueError:
        return set()


def not_exported(snapshot: Snapshot, metric: str, title: str, query: str, where: str) -> Finding:
    """Name the panel that reads a metric that is not exported, and the exported name that is most alike."""
    near = difflib.get_close_matches(metric, sorted(snapshot.prometheus.metrics), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return broken(
        "dashboard-metric",
        f"panel {title!r} reads {metric}, which no target exports{hint}",
        query,
        where,
        fix=f"write {near[0] if near else 'a metric that is exported'} in place of {metric} in that panel's query, "
        "generate the dashboard again and upgrade the release",
    )
