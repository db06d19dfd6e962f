"""What flask-app and infra-k8s have agreed on is written once on each side; here both are read."""

import json
import os
import re
from pathlib import Path
from typing import Any

from helm.render import render
from monitoring import queries

APP = Path(os.environ["APP_DIR"])
README = (APP / "README.md").read_text(encoding="utf-8")
OURS = re.compile(r"(http_|app_)\w+")
SUFFIX = re.compile(r"_(bucket|sum|count)$")


def column(heading: str) -> set[str]:
    """Return the first column of a table of the application's README, which its own tests hold true."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


def one(kind: str) -> dict[str, Any]:
    found = [thing for thing in render() if thing["kind"] == kind]
    assert found, f"the chart renders no {kind}"
    return found[0]


def container() -> dict[str, Any]:
    return dict(one("Deployment")["spec"]["template"]["spec"]["containers"][0])


def test_the_chart_sets_only_what_the_application_reads() -> None:
    given = {variable["name"] for variable in container()["env"]}
    assert given
    assert given <= column("Settings")


def test_probes_and_scrape_ask_paths_that_the_application_describes() -> None:
    described = json.loads((APP / "openapi.json").read_text())["paths"]
    probes = {container()[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    scrape = one("ServiceMonitor")["spec"]["endpoints"][0]["path"]
    assert probes | {scrape} <= set(described)


def test_the_port_is_the_same_and_has_one_name() -> None:
    exposed = re.search(r"^EXPOSE (\d+)$", (APP / "Dockerfile").read_text(), re.MULTILINE)
    port = container()["ports"][0]
    service = one("Service")["spec"]["ports"][0]
    assert exposed is not None
    assert {int(exposed[1]), port["containerPort"], service["port"]} == {5000}
    assert {port["name"], service["name"], one("ServiceMonitor")["spec"]["endpoints"][0]["port"]} == {"web"}


def test_the_dashboard_reads_only_metrics_that_the_application_has() -> None:
    read = {
        SUFFIX.sub("", metric)
        for path in queries.DASHBOARDS.glob("*.json")
        for metric in queries.metrics(queries.load(path))
        if OURS.fullmatch(metric)
    }
    assert read
    assert read <= column("Metrics")
