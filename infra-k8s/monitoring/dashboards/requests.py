"""Rate, errors, duration: what the users get, by route."""

from monitoring.dashboards.objectives import LATENCY_SECONDS
from monitoring.dashboards.panels import GREEN, PODS, RED, AnyPanel, asks, distribution, graph

TITLE = "Requests: rate, errors, duration"

RATE = "rate(http_requests_total{" + PODS + "%s}[$__rate_interval])"
BUCKETS = f"rate(http_request_duration_seconds_bucket{{{PODS}}}[$__rate_interval])"


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    all_of, failed = RATE % "", RATE % ',status=~"5.."'
    return [
        graph(
            "Rate by route",
            "Requests answered per second by route template. Probes and scrapes are not among them; whatever matches "
            "no route is `unmatched`.",
            asks(f"sum by (route) ({all_of})", "{{route}}"),
            unit="reqps",
            stacked=True,
        ),
        graph(
            "Rate by status",
            "Requests answered per second by the status on the wire.",
            asks(f"sum by (status) ({all_of})", "{{status}}"),
            unit="reqps",
            stacked=True,
        ),
        graph(
            "Error ratio by route",
            "Share of each route's requests that was answered with a 5xx. A gap is a route without requests.",
            asks(
                f"(sum by (route) ({failed}) or 0 * sum by (route) ({all_of})) / sum by (route) ({all_of})",
                "{{route}}",
            ),
            unit="percentunit",
        ),
        graph(
            "Duration",
            "Time within which half, 95 % and 99 % of the requests were answered, over all routes. The line is the "
            "threshold of the chart's defaults, the diamonds single requests with their trace id.",
            *(
                asks(f"histogram_quantile({quantile}, sum by (le) ({BUCKETS}))", name).exemplar(name == "p99")
                for quantile, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
            ),
            unit="s",
            steps=((None, GREEN), (LATENCY_SECONDS, RED)),
        ),
        graph(
            "Duration by route (p95)",
            "Time within which 95 % of each route's requests were answered.",
            asks(f"histogram_quantile(0.95, sum by (le, route) ({BUCKETS}))", "{{route}}"),
            unit="s",
            steps=((None, GREEN), (LATENCY_SECONDS, RED)),
        ),
        distribution(
            "Durations",
            "How many requests took how long: a second band above the first is a second kind of request, which a "
            "quantile hides.",
            asks(
                f"sum by (le) (increase(http_request_duration_seconds_bucket{{{PODS}}}[$__rate_interval]))",
                "{{le}}",
            ),
            unit="s",
        ),
    ]
