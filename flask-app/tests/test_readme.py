import os
import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.faults.kinds import KINDS
from scripts.describe import rows, setting_rows, template_rules
from tests.live_server import serve

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def table(heading: str, page: str = "README.md") -> list[list[str]]:
    section = (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_endpoint_is_described(app: Flask) -> None:
    described = {row[0].strip("`") for row in table("Endpoints")}
    assert {rule.rule for rule in template_rules(app)} - described == set(), "undescribed: make describe"
    assert described - {rule.rule for rule in app.url_map.iter_rules()} == set(), "gone: delete their rows in README.md"


def test_every_setting_is_described_as_it_is() -> None:
    assert rows((ROOT / "README.md").read_text(), "Settings") == setting_rows(), "stale: make describe"


def test_every_fault_is_described_with_its_parameters() -> None:
    described = {
        row[0].strip("`"): (set(re.findall(r"\w+", row[1])), row[2] == "`route`")
        for row in table("Kinds", "docs/faults.md")
    }
    assert described == {kind: (set(each.parameters), each.by_route) for kind, each in KINDS.items()}


@pytest.mark.usefixtures("linux")
def test_every_metric_is_described_with_its_labels(client: FlaskClient, tmp_path: Path) -> None:
    described = {row[0].strip("`"): set(re.findall(r"\w+", row[1])) for row in table("Metrics")}
    client.get("/api/info")
    scrape = client.get("/metrics").text
    with serve(tmp_path, WEB_CONCURRENCY="2") as server:
        assert server.value("app_workers") > 0
    found = {"app_workers": set[str]()}
    for family in text_string_to_metric_families(scrape):
        if family.name.startswith(("http_", "app_")):
            name = family.name + ("_total" if family.type == "counter" else "")
            found[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    assert {name: labels for name, labels in found.items() if not name.endswith("_created")} == described


def test_image_that_the_readme_runs_is_the_one_that_make_image_builds() -> None:
    """*Checked, not run*: `make starts` runs the image."""
    (run,) = re.findall(r"docker run .* (\S+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    _, owner, _ = run.split("/")
    environ = {"PATH": os.environ["PATH"], "OWNER": owner}
    names = ["bash", "-c", 'source scripts/settings.sh; echo "$image:$tag"']
    assert subprocess.run(names, cwd=ROOT, env=environ, capture_output=True, text=True).stdout.strip() == run


def test_the_readme_is_short() -> None:
    """Beside its tables, which grow with what they describe."""
    lines = (ROOT / "README.md").read_text().splitlines()
    assert sum(len(line.split()) for line in lines if not line.startswith("|")) < 450


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).is_file()] == []
