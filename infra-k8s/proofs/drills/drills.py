"""The drills as data: the fault that is injected, the cause that the doctor must name, the fix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Patch = list[dict[str, Any]]
DOCTORS_FIX = "the doctor's own command"


@dataclass(frozen=True)
class Values:
    """Upgrade with these chart values added; removed by an upgrade without them."""

    values: Mapping[str, object]


@dataclass(frozen=True)
class Edit:
    """Patch a live object (JSON Patch); removed by the second patch."""

    kind: str
    patch: Patch
    undo: Patch
    name: str = "flask-app"


@dataclass(frozen=True)
class Create:
    """Create an object; removed by deleting it."""

    manifest: dict[str, Any]


@dataclass(frozen=True)
class OtherArchitecture:
    """Upgrade to an image for an architecture that no node has; removed by an upgrade to the image before."""

    platform: str = "linux/s390x"


@dataclass(frozen=True)
class Misspell:
    """Misspell a metric in a dashboard's ConfigMap; removed by correcting it."""

    metric: str
    wrong: str


Fault = Values | Edit | Create | OtherArchitecture | Misspell


@dataclass(frozen=True)
class Drill:
    """One drill: the symptom, the fault, the link and cause that the doctor must name, and the fix.

    `fix`: DOCTORS_FIX where the doctor prints a complete command, which the drill runs; otherwise a sentence, and the
    drill removes the fault.
    `loses_target`: the drill waits until Prometheus has lost the target before it runs the doctor.
    """

    name: str
    symptom: str
    fault: Fault
    link: str
    cause: str
    fix: str
    loses_target: bool = False


def replace(path: str, value: object) -> Patch:
    """Return a JSON Patch that replaces one value."""
    return [{"op": "replace", "path": path, "value": value}]


def add(path: str, value: object) -> Patch:
    """Return a JSON Patch that adds one value."""
    return [{"op": "add", "path": path, "value": value}]


def remove(path: str) -> Patch:
    """Return a JSON Patch that removes one value."""
    return [{"op": "remove", "path": path}]


# A server that replaces the application's; its image has Flask and prometheus-client.
SERVER = """
from flask import Flask
from prometheus_client import generate_latest
app = Flask("variant")
app.add_url_rule("/metrics", "metrics", lambda: {metrics})
{health}
app.run(host="0.0.0.0", port=5000)
"""
HEALTHY = 'app.add_url_rule("/health", "h", lambda: "ok"); app.add_url_rule("/ready", "r", lambda: "ok")'
COMMAND = "/spec/template/spec/containers/0/command"


def variant(*, metrics: str, health: str) -> Patch:
    """Return the patch that runs another server in the application's container."""
    return add(COMMAND, ["python", "-c", SERVER.format(metrics=metrics, health=health)])


DENY_INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny-ingress"},
    "spec": {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "flask-app"}}, "policyTypes": ["Ingress"]},
}

DRILLS = (
    Drill(
        "probe path wrong",
        "a new pod never becomes Ready",
        Values({"probes.readiness.path": "/redy"}),
        "pods",
        "probe-path-wrong",
        DOCTORS_FIX,
    ),
    Drill(
        "health endpoint gone",
        "a new pod never becomes Ready, whatever the probe's path",
        Edit(
            "Deployment",
            variant(metrics="(generate_latest(), {'Content-Type': 'text/plain'})", health=""),
            remove(COMMAND),
        ),
        "pods",
        "health-endpoint-missing",
        "go back to a version that answers on the health path",
    ),
    Drill(
        "Service port renamed",
        "no target appears in Prometheus",
        Edit("Service", replace("/spec/ports/0/name", "http"), replace("/spec/ports/0/name", "web")),
        "port-name",
        "port-name",
        "give the Service's port the name that the ServiceMonitor asks for",
        loses_target=True,
    ),
    Drill(
        "Service selects nothing",
        "no target appears, and requests to the Service are refused",
        Edit("Service", add("/spec/selector/tier", "web"), remove("/spec/selector/tier")),
        "service",
        "service-selects-nothing",
        "make the selector equal to the pods' labels",
        loses_target=True,
    ),
    Drill(
        "ServiceMonitor without the release label",
        "no target appears; the ServiceMonitor is there",
        Edit("ServiceMonitor", remove("/metadata/labels/release"), add("/metadata/labels/release", "monitoring")),
        "prometheus-selection",
        "monitor-label",
        DOCTORS_FIX,
        loses_target=True,
    ),
    Drill(
        "ServiceMonitor selects nothing",
        "no target appears; Prometheus knows the ServiceMonitor",
        Edit(
            "ServiceMonitor", add("/spec/selector/matchLabels/tier", "web"), remove("/spec/selector/matchLabels/tier")
        ),
        "monitor-selection",
        "monitor-selects-nothing",
        "make the selector one that the Service's labels meet",
        loses_target=True,
    ),
    Drill(
        "image for another architecture",
        "ImagePullBackOff, though the image exists",
        OtherArchitecture(),
        "image",
        "image-architecture",
        "build for every architecture that a node has",
    ),
    Drill(
        "image does not exist",
        "ImagePullBackOff",
        Values({"image.digest": "", "image.tag": "never-pushed"}),
        "image",
        "image-missing",
        DOCTORS_FIX,
    ),
    Drill(
        "image owner never set",
        "ImagePullBackOff after the first install",
        Values({"image.digest": "", "image.repository": "ghcr.io/your-name/never-pushed"}),
        "image",
        "image-placeholder",
        "set image.repository to your own",
    ),
    Drill(
        "memory limit too small",
        "the pod restarts again and again",
        Values({"resources.limits.memory": "24Mi", "resources.requests.memory": "16Mi", "tmpSizeLimit": "4Mi"}),
        "pods",
        "out-of-memory",
        "raise the limit",
    ),
    Drill(
        "scrape path wrong",
        "the target is DOWN with HTTP status 404",
        Values({"serviceMonitor.path": "/metricz"}),
        "target",
        "scrape-path",
        DOCTORS_FIX,
    ),
    Drill(
        "metrics answered as text/html",
        "the target is DOWN though the page shows metrics",
        Edit("Deployment", variant(metrics="generate_latest()", health=HEALTHY), remove(COMMAND)),
        "target",
        "scrape-content-type",
        "answer with the content type of the exposition format",
    ),
    Drill(
        "NetworkPolicy shuts Prometheus out",
        "the target is DOWN with a timeout, while the pod is Ready",
        Create(DENY_INGRESS),
        "network-policy",
        "network-policy",
        "let the monitoring namespace in, or take the policy away",
    ),
    Drill(
        "rule with a syntax error",
        "an alert never fires",
        Edit(
            "PrometheusRule",
            add("/spec/groups/-", {"name": "typo", "rules": [{"record": "a:b", "expr": "sum(up"}]}),
            [],
        ),
        "rules",
        "rule-syntax",
        "correct the expression",
    ),
    Drill(
        "dashboard without its label",
        "the dashboard does not appear in Grafana",
        Edit(
            "ConfigMap",
            remove("/metadata/labels/grafana_dashboard"),
            add("/metadata/labels/grafana_dashboard", "1"),
            "flask-app-dashboard-flask-app",
        ),
        "dashboards",
        "dashboard-label",
        DOCTORS_FIX,
    ),
    Drill(
        "dashboard reads a metric nobody exports",
        "a panel says 'No data'",
        Misspell("http_requests_in_progress", "http_requests_in_progres"),
        "dashboard-metrics",
        "dashboard-metric",
        "write the metric's name as it is exported",
    ),
)
