"""The scrape target as the chart defines it, as the configuration of a Prometheus on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart

from monitoring import rules

RELEASE = NAMESPACE = "flask-app"
SCRAPE_SECONDS = 2  # between two scrapes; the chart's interval is too long for someone who waits at a terminal


@dataclass(frozen=True)
class ChartTarget:
    """The application's target in the rendered chart, and the chart's values for the traffic."""

    job: str
    port: int
    path: str
    labels: dict[str, str]
    traffic: dict[str, Any]

    @classmethod
    def render(cls) -> "ChartTarget":
        """Read the target from the Service and the ServiceMonitor of a release with the chart's defaults."""
        with Chart.load(rules.CHART) as chart:
            manifest = chart.render({}, name=RELEASE, namespace=NAMESPACE)
        values = yaml.safe_load((rules.CHART / "values.yaml").read_text())
        objects = {kind: yaml.safe_load(manifest[f"flask-app/templates/{kind}.yaml"]) for kind in KINDS}
        service, monitor = objects["service"], objects["servicemonitor"]
        (endpoint,) = monitor["spec"]["endpoints"]
        (port,) = [each for each in service["spec"]["ports"] if each["name"] == endpoint["port"]]
        (container,) = objects["deployment"]["spec"]["template"]["spec"]["containers"]
        return cls(
            job=service["metadata"]["labels"][monitor["spec"]["jobLabel"]],
            port=port["port"],
            path=endpoint["path"],
            # The labels that the operator gives to every target of a ServiceMonitor.
            labels={
                "namespace": service["metadata"]["namespace"],
                "service": service["metadata"]["name"],
                "container": container["name"],
                "endpoint": endpoint["port"],
            },
            traffic=values["traffic"],
        )


KINDS = ("service", "servicemonitor", "deployment")


def write(folder: Path, target: ChartTarget, port: int, pod: str) -> Path:
    """Write Prometheus's configuration and the chart's rules into `folder`; return the configuration's path.

    Args:
        port: where the application listens on 127.0.0.1.
        pod: the value of the label `pod`.
    """
    rules.write(folder / "rules.yaml", rules.groups(release=RELEASE, namespace=NAMESPACE))
    configuration: dict[str, Any] = {
        "global": {
            "scrape_interval": f"{SCRAPE_SECONDS}s",
            "scrape_timeout": f"{SCRAPE_SECONDS}s",
            "evaluation_interval": f"{SCRAPE_SECONDS}s",
        },
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {
                "job_name": target.job,
                "metrics_path": target.path,
                "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {**target.labels, "pod": pod}}],
            }
        ],
    }
    path = folder / "prometheus.yaml"
    path.write_text(yaml.safe_dump(configuration, sort_keys=False))
    return path
