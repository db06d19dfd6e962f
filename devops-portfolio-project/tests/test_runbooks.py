"""Every alert has its runbook, and every runbook its alert."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from checks.blocks import name
from checks.markdown import inline_code, tables
from checks.repositories import APP, HERE, INFRA, folder, pages
from tests.conftest import require

RUNBOOKS = HERE / "runbooks"
NAME = re.compile(r"FlaskApp\w+|(http|app)_\w+")
PARAMETER = re.compile(r"\$\{(\w+)\}|\{\{ \$labels\.(\w+) \}\}")
SELF = {"README"}


def alerts() -> Iterator[tuple[str, str, str]]:
    """Yield name, severity and summary of each alert; a parameter is written as *parameter*."""
    for file in sorted((folder(INFRA) / "helm" / "flask-app" / "files" / "rules").glob("*.yaml")):
        for rule in yaml.safe_load(file.read_text()) or []:
            if "alert" in rule:
                severity, summary = rule["labels"]["severity"], rule["annotations"]["summary"]
                known = "by window" if severity.startswith("${") else severity
                yield rule["alert"], known, PARAMETER.sub(r"*\1\2*", summary).strip(". ")


def test_runbooks_are_those_of_the_alerts() -> None:
    require(INFRA)
    found = {alert.lower() for alert, _, _ in alerts()}
    assert found
    assert {page.stem for page in RUNBOOKS.glob("*.md")} - SELF == found


def test_the_index_lists_each_alert_with_its_severity_and_summary() -> None:
    require(INFRA)
    rows = [tuple(row) for row in tables(RUNBOOKS / "README.md")["Runbooks"][1:]]
    assert sorted(rows) == sorted((f"[{alert}]({alert.lower()}.md)", *rest) for alert, *rest in alerts())


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_alert_and_metric_that_a_page_names_in_code_exists(page: Path) -> None:
    app, _ = require(APP, INFRA)
    source = "".join(file.read_text() for file in (app / "app").rglob("*.py"))
    known = {alert for alert, _, _ in alerts()} | set(re.findall(r'"((?:http|app)_\w+)"', source))
    named = {text for text in inline_code(page) if NAME.fullmatch(text)}
    assert named <= known
