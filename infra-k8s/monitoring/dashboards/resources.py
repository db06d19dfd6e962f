"""Utilisation, saturation, errors of each pod, against what it asks for and may use."""

from monitoring.dashboards.panels import (
    CONTAINERS,
    GREEN,
    GREY,
    PODS,
    RED,
    YELLOW,
    AnyPanel,
    asks,
    graph,
    line,
    per_pod,
    replicas,
)

TITLE = "Pods: utilisation, saturation, errors"

MEMORY = f"sum by (pod) (container_memory_working_set_bytes{{{CONTAINERS}}})"
NETWORK = 'sum by (pod) (rate(container_network_%s_bytes_total{namespace="$namespace",pod=~"$pod"}[$__rate_interval]))'


def bound(kind: str, resource: str, of: str = "max") -> str:
    """Ask what a pod's containers may use (`limits`) or are promised (`requests`)."""
    per_pod = f'sum by (pod) (kube_pod_container_resource_{kind}{{{CONTAINERS},resource="{resource}"}})'
    return f"{of}({per_pod})" if of else per_pod


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    return [
        graph(
            "CPU",
            "CPU time used by each pod, in cores, and what it is promised. There is no limit: spare CPU is there to be "
            "used.",
            asks(
                f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{CONTAINERS}}}[$__rate_interval]))", "{{pod}}"
            ),
            asks(bound("requests", "cpu"), "request"),
            unit="suffix: cores",
        ).override_by_name("request", line(GREY)),
        graph(
            "Memory",
            "Working set of each pod, what it is promised, and the limit at which the kernel kills it.",
            asks(MEMORY, "{{pod}}"),
            asks(bound("requests", "memory"), "request"),
            asks(bound("limits", "memory"), "limit"),
            unit="bytes",
        )
        .override_by_name("request", line(GREY))
        .override_by_name("limit", line(RED)),
        per_pod(
            "Memory of the limit",
            "Working set of each pod as a share of its limit. FlaskAppMemoryNearLimit fires above 90 %.",
            f"{MEMORY} / {bound('limits', 'memory', of='')}",
            unit="percentunit",
            steps=((None, GREEN), (0.8, YELLOW), (0.9, RED)),
        ).max(1),
        per_pod(
            "Requests in progress",
            "Requests that each pod is serving at this moment. At the number of its threads, the next one waits.",
            f"sum by (pod) (http_requests_in_progress{{{PODS}}})",
            unit="short",
        ),
        graph(
            "Network",
            "Bytes per second that each pod receives and sends.",
            asks(NETWORK % "receive", "{{pod}} in"),
            asks(NETWORK % "transmit", "{{pod}} out"),
            unit="Bps",
        ),
        per_pod(
            "Restarts",
            "How often each pod's containers were restarted since the pod began, by the kubelet's count.",
            f"sum by (pod) (kube_pod_container_status_restarts_total{{{CONTAINERS}}})",
            unit="short",
            steps=((None, GREEN), (1, RED)),
        ),
        graph(
            "Pods ready",
            "Pods that take traffic, against the number that the Deployment asks for.",
            *replicas(),
            unit="short",
        ).override_by_name("wanted", line(GREY)),
    ]
