"""kube-prometheus-stack as it is set here, held to what the application's chart needs of it."""

import re
from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart

from helm.render import render
from monitoring import rules, stack

VALUES: dict[str, Any] = yaml.safe_load(stack.VALUES.read_text())
PROMETHEUS: dict[str, Any] = VALUES["prometheus"]["prometheusSpec"]
LAPTOP: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "environments/minikube/values.yaml").read_text())

# Values that size more than one container.
CONTAINERS = {"sidecar": 2, "prometheusConfigReloader": 2}
NODE = 4096  # MiB, as minikube is started
KUBERNETES = 700  # MiB that an idle minikube uses itself, about


def mebibytes(quantity: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()  # type: ignore[union-attr]
    return int(number) * {"Mi": 1, "Gi": 1024}[unit]


def memory(values: Any, kind: str) -> float:
    """Sum up the memory that is asked for (`requests`) or allowed (`limits`) anywhere in `values`, in MiB."""
    if not isinstance(values, dict):
        return 0
    own = mebibytes(values["resources"][kind]["memory"]) if "resources" in values else 0
    return own + sum(
        CONTAINERS.get(name, 1) * memory(value, kind) for name, value in values.items() if name != "resources"
    )


def test_the_version_is_pinned_exactly() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", stack.VERSION)


def application(kind: str) -> float:
    """Sum up the memory of the application on a laptop, in MiB, while a rollout adds a pod to each Deployment."""
    return sum(
        (int(each["spec"].get("replicas", 1)) + 1) * mebibytes(container["resources"][kind]["memory"])
        for each in render(LAPTOP)
        if each["kind"] == "Deployment"
        for container in each["spec"]["template"]["spec"]["containers"]
    )


def test_it_fits_a_node_of_4_gib_beside_kubernetes_and_the_application() -> None:
    assert memory(VALUES, "requests") <= 1024
    assert memory(VALUES, "limits") + application("limits") + KUBERNETES <= NODE


def test_prometheus_keeps_more_than_the_longest_window() -> None:
    windows = [rule["labels"]["long"] for rule in rules.alerts(rules.groups()) if "long" in rule["labels"]]
    longest = max(int(window[:-1]) for window in windows if window.endswith("d"))
    assert int(PROMETHEUS["retention"].removesuffix("d")) > longest


def test_nothing_is_scraped_that_cannot_answer() -> None:
    components = ("kubeControllerManager", "kubeEtcd", "kubeScheduler", "kubeProxy")
    assert [VALUES[component]["enabled"] for component in components] == [False] * 4


def test_the_charts_dashboard_lands_in_its_folder() -> None:
    with Chart.load(rules.CHART) as chart:
        rendered = chart.render({}, name="flask-app", namespace="flask-app")
    dashboard = yaml.safe_load(rendered[f"{rules.CHART.name}/templates/dashboard.yaml"])
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    annotation = VALUES["grafana"]["sidecar"]["dashboards"]["folderAnnotation"]
    assert dashboard["metadata"]["annotations"][annotation] == "Applications"
