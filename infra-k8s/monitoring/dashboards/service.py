"""The application's dashboard: its rows, its variables, its marks."""

from grafana_foundation_sdk.builders import dashboard as builder
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from monitoring.dashboards import budget, events, overview, requests, resources, runtime
from monitoring.dashboards.panels import DATASOURCE

ROWS = (overview, requests, budget, resources, runtime, events)


def service() -> dashboard.Dashboard:
    """Compose the dashboard. Its `uid` is part of every link to it and never changes."""
    composed = builder.Dashboard("Flask app").uid("flask-app").tags(["flask-app", "slo"]).readonly()
    composed.description("Is the application well, what do its users get, and what does it cost?")
    composed.timezone("browser").time("now-1h", "now").refresh("30s").tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
    composed.variables(_variables()).annotations(events.annotations())
    for row in ROWS:
        composed.with_row(builder.Row(row.TITLE))
        for panel in row.panels():
            composed.with_panel(panel)
    whole = composed.build()
    for number, built in enumerate(whole.panels or [], start=1):
        built.id_val = number
    return whole


def _variables() -> list[Builder[dashboard.VariableModel]]:
    datasource = builder.DatasourceVariable("datasource").label("Data source").type("prometheus")
    return [
        datasource,
        _asked("namespace", "Namespace", "label_values(app_build_info, namespace)"),
        _asked("service", "Release", 'label_values(app_build_info{namespace="$namespace"}, service)'),
        # A pod that never answered a scrape is one of ours too: Kubernetes knows them all.
        _asked(
            "pod",
            "Pod",
            'label_values(kube_pod_info{namespace="$namespace",created_by_kind="ReplicaSet",'
            'created_by_name=~"$service-[^-]+"}, pod)',
        )
        .multi(True)
        .include_all(True)
        .current(dashboard.VariableOption(selected=True, text="All", value="$__all")),
    ]


def _asked(name: str, label: str, query: str) -> builder.QueryVariable:
    variable = builder.QueryVariable(name).label(label).query(query).datasource(DATASOURCE)
    return variable.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(
        dashboard.VariableSort.ALPHABETICAL_ASC
    )
