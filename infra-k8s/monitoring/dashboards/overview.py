"""The first row: is it well, in six numbers."""

from grafana_foundation_sdk.models import common

from monitoring.dashboards.objectives import AVAILABILITY, LATENCY_SECONDS
from monitoring.dashboards.panels import GREEN, RED, SERVICE, YELLOW, AnyPanel, asks, replicas, stat

TITLE = "Overview"

FAILED = f"""(
  sum(increase(http_requests_total{{{SERVICE},status=~"5.."}}[$__range])) or vector(0)
) / sum(increase(http_requests_total{{{SERVICE}}}[$__range]))"""
OBJECTIVE = f'max(service:slo_objective:ratio{{{SERVICE},slo="availability"}})'


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    return [
        stat(
            "Availability",
            "Share of the requests in the shown time range that were not answered with a 5xx. Green from the objective "
            "of the chart's defaults up.",
            asks(f"1 - {FAILED}", instant=True),
            unit="percentunit",
            steps=((None, RED), (AVAILABILITY, GREEN)),
        ).decimals(2),
        stat(
            "Error budget left",
            "What is left of the failures that the objective allows among the requests in the shown time range. Below "
            "zero: the objective was missed.",
            asks(f"1 - ({FAILED}) / (1 - {OBJECTIVE})", instant=True),
            unit="percentunit",
            steps=((None, RED), (0, YELLOW), (0.25, GREEN)),
        ).decimals(1),
        stat(
            "Requests",
            "Requests answered per second, over all routes and pods.",
            asks(f"sum(rate(http_requests_total{{{SERVICE}}}[$__rate_interval]))"),
            unit="reqps",
        ).graph_mode(common.BigValueGraphMode.AREA),
        stat(
            "Latency (p95)",
            "95 % of the requests were answered within this time.",
            asks(
                "histogram_quantile(0.95, sum by (le) ("
                f"rate(http_request_duration_seconds_bucket{{{SERVICE}}}[$__rate_interval])))"
            ),
            unit="s",
            steps=((None, GREEN), (LATENCY_SECONDS, RED)),
        ).graph_mode(common.BigValueGraphMode.AREA),
        stat(
            "Pods",
            "Pods that take traffic, and pods that the Deployment asks for.",
            *replicas(),
            unit="short",
            steps=((None, RED), (1, GREEN)),
        ).text_mode(common.BigValueTextMode.VALUE_AND_NAME),
        stat(
            "Version",
            "Version and revision that the running pods report, and on how many pods; two during a rollout.",
            asks(
                f"count by (version, revision) (app_build_info{{{SERVICE}}})", "{{version}} {{revision}}", instant=True
            ),
            unit="suffix: pods",
        ).text_mode(common.BigValueTextMode.VALUE_AND_NAME),
    ]
