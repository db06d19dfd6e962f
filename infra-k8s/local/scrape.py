"""What the chart tells Prometheus, told to a Prometheus on this machine: one source, so that the two cannot drift."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart

from monitoring import rules

RELEASE = NAMESPACE = "flask-app"
SECONDS = 2  # between two scrapes: nobody wants to wait the chart's interval in front of a terminal


@dataclass(frozen=True)
class Charted:
    """What the rendered chart says of the application's target, and its values of the traffic."""

    job: str
    port: int
    path: str
    labels: dict[str, str]
    traffic: dict[str, Any]

    @classmethod
    def render(cls) -> "Charted":
        """Read it from the Service and the ServiceMonitor of a release with the chart's defaults."""
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


def write(folder: Path, charted: Charted, port: int, pod: str) -> Path:
    """Write Prometheus's configuration and the chart's rules into `folder`; return the configuration's path.

    Args:
        port: where the application listens on 127.0.0.1.
        pod: what stands in for a pod's name.
    """
    rules.write(folder / "rules.yaml", rules.groups(release=RELEASE, namespace=NAMESPACE))
    configuration: dict[str, Any] = {
        "global": {
            "scrape_interval": f"{SECONDS}s",
            "scrape_timeout": f"{SECONDS}s",
            "evaluation_interval": f"{SECONDS}s",
        },
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {
                "job_name": charted.job,
                "metrics_path": charted.path,
                "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {**charted.labels, "pod": pod}}],
            }
        ],
    }
    path = folder / "prometheus.yaml"
    path.write_text(yaml.safe_dump(configuration, sort_keys=False))
    return path
