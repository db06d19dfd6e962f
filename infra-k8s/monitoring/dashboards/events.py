"""What happened: alerts, faults on purpose, and rollouts as marks on every graph."""

from grafana_foundation_sdk.builders import dashboard as dashboard_builder
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from monitoring.dashboards.panels import (
    DATASOURCE,
    DEPLOYMENT,
    GREEN,
    RED,
    SERVICE,
    YELLOW,
    AnyPanel,
    asks,
    framed,
    graph,
    timeline,
)

TITLE = "Alerts and faults"

FAULTS = f"max by (fault) (app_fault_active{{{SERVICE}}})"

# A change of the Deployment that is not only one of its replica count, which autoscaling changes all day.
ROLLOUTS = (
    f"clamp_min(sum(changes(kube_deployment_status_observed_generation{{{DEPLOYMENT}}}[$__rate_interval]))"
    f" - sum(changes(kube_deployment_spec_replicas{{{DEPLOYMENT}}}[$__rate_interval])), 0)"
)


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    return [
        graph(
            "Alerts",
            "Alerts of this release that are firing, or will unless their cause goes away.",
            asks(f"max(service:alerts_firing:count{{{SERVICE}}})", "firing"),
            asks(f"max(service:alerts_pending:count{{{SERVICE}}})", "pending"),
            unit="short",
            steps=((None, GREEN), (1, RED)),
        ),
        _alert_list(),
        timeline(
            "Faults",
            "Failures on purpose: each fault that is switched on in any pod.",
            asks(FAULTS, "{{fault}}"),
            {"0": ("off", GREEN), "1": ("on", YELLOW)},
        ),
    ]


def annotations() -> list[Builder[AnnotationQuery]]:
    """Return the marks that every graph carries."""
    return [
        _annotation("Rollout", ROLLOUTS, "blue"),
        _annotation("Fault", f"max({FAULTS})", "orange"),
    ]


def _annotation(name: str, expr: str, color: str) -> dashboard_builder.AnnotationQuery:
    annotation = dashboard_builder.AnnotationQuery().name(name).datasource(DATASOURCE).enable(True)
    return annotation.icon_color(color).expr(expr)


def _alert_list() -> dashboard_builder.Panel:
    """List the alerts themselves; the SDK has no builder for this kind of panel."""
    panel = dashboard_builder.Panel().type("alertlist").height(8).span(8)
    panel.options(
        {
            "viewMode": "list",
            "groupMode": "default",
            "sortOrder": 3,
            "maxItems": 20,
            "stateFilter": {"firing": True, "pending": True, "noData": False, "normal": False, "error": True},
            "alertInstanceLabelFilter": '{namespace="$namespace",service="$service"}',
        }
    )
    return framed(
        panel, "Alerts now", "The alerts of this release that are firing or pending now, with their runbooks."
    )
