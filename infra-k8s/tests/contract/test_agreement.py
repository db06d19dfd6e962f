"""Port, paths, settings and metrics: each side writes them once, and both are equal."""

import json
import re
from pathlib import Path
from typing import Any

from helm.render import Values, render
from helm.values_files import ALL
from monitoring import queries

OURS = re.compile(r"(http_|app_)\w+")
SUFFIX = re.compile(r"_(bucket|sum|count)$")


def column(app_dir: Path, heading: str) -> set[str]:
    """Return the first column of a table of the application's README, which its own tests hold true."""
    section = (app_dir / "README.md").read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


def one(kind: str) -> dict[str, Any]:
    found = [thing for thing in render() if thing["kind"] == kind]
    assert found, f"the chart renders no {kind}"
    return found[0]


def container() -> dict[str, Any]:
    return dict(one("Deployment")["spec"]["template"]["spec"]["containers"][0])


def settings(values: Values) -> set[str]:
    """Return the environment variables that the chart itself sets with `values`."""
    deployments = [each for each in render({**values, "extraEnv": []}) if each["kind"] == "Deployment"]
    containers = [each["spec"]["template"]["spec"]["containers"][0] for each in deployments]
    return {variable["name"] for each in containers if each["name"] == "flask-app" for variable in each["env"]}


def test_the_chart_sets_only_what_the_application_reads(app_dir: Path) -> None:
    assert settings({})
    assert {each for values in ALL.values() for each in settings(values)} <= column(app_dir, "Settings")


def test_probes_and_scrape_ask_paths_that_the_application_describes(app_dir: Path) -> None:
    described = json.loads((app_dir / "openapi.json").read_text())["paths"]
    probes = {container()[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    scrape = one("ServiceMonitor")["spec"]["endpoints"][0]["path"]
    assert probes | {scrape} <= set(described)


def test_the_port_is_the_same_and_has_one_name(app_dir: Path) -> None:
    image_port = re.search(r"^EXPOSE (\d+)$", (app_dir / "Dockerfile").read_text(), re.MULTILINE)
    port = container()["ports"][0]
    service = one("Service")["spec"]["ports"][0]
    assert image_port is not None
    assert {int(image_port[1]), port["containerPort"], service["port"]} == {5000}
    assert {port["name"], service["name"], one("ServiceMonitor")["spec"]["endpoints"][0]["port"]} == {"web"}


def test_the_dashboard_reads_only_metrics_that_the_application_has(app_dir: Path) -> None:
    read = {
        SUFFIX.sub("", metric)
        for path in queries.DASHBOARDS.glob("*.json")
        for metric in queries.metrics(queries.load(path))
        if OURS.fullmatch(metric)
    }
    assert read
    assert read <= column(app_dir, "Metrics")
