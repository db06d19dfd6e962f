"""REFERENCE.md is what the sources say, and the sources are read whole."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pages.makefile import targets
from pages.markdown import tables
from pages.repositories import NAMES, WORKSPACE, folder
from reference import alerts, endpoints, metrics, recordings, settings, values, variables
from reference.__main__ import PAGE, page
from reference.table import Reference
from tests.conftest import all_together, at_hand


def first(rows: list[list[str]]) -> list[str]:
    return [re.sub(r"[`\[]|\]\(.*", "", row[0]) for row in rows[1:]]


def named(reference: Reference) -> list[str]:
    return first([list(reference.columns), *map(list, reference.rows)])


def test_page_is_not_stale() -> None:
    all_together()
    at_hand(*NAMES)
    assert PAGE.read_text() == page(), "run `make reference`"


@pytest.mark.parametrize(("read", "heading"), [(settings.read, "Settings"), (metrics.read, "Metrics")])
def test_rows_are_those_of_the_table_that_the_application_tests(
    read: Callable[[], Reference], heading: str, app_dir: Path
) -> None:
    assert set(named(read())) == set(first(tables(app_dir / "README.md")[heading]))


def test_every_path_of_the_application_has_its_row(app_dir: Path) -> None:
    assert set(named(endpoints.read())) == set(json.loads((app_dir / "openapi.json").read_text())["paths"])


def test_every_alert_has_its_row(infra_dir: Path) -> None:
    text = "".join(file.read_text() for file in (infra_dir / alerts.RULES).glob("*.yaml"))
    assert sorted(named(alerts.read())) == sorted(re.findall(r"^- alert: (\w+)", text, re.MULTILINE))


def test_every_recording_rule_has_its_row(infra_dir: Path) -> None:
    text = "".join(file.read_text() for file in (infra_dir / alerts.RULES).glob("*.yaml"))
    recorded = re.findall(r"^- record: (\S+)", text, re.MULTILINE)
    assert sorted(named(recordings.read())) == sorted(re.sub(r"\$\{(\w+)\}", r"<\1>", name) for name in recorded)


def test_variables_of_the_tools_are_read_with_their_defaults() -> None:
    all_together()
    at_hand(*NAMES)
    rows = {row[0]: row[1:] for row in variables.read().rows}
    assert rows["`PAGE_SECONDS`"] == ("`300`", "`devops-portfolio-project/pictures/page.py`")
    assert {"`PULL_REGISTRY`", "`RUN_PLATFORMS`", "`NETWORK_POLICY_ENFORCED`", "`PROMETHEUS_URL`"} <= set(rows)


def test_every_value_of_the_chart_is_in_a_row(infra_dir: Path) -> None:
    table = values.read()
    rows = [row for row, (_, default, _) in zip(named(table), table.rows, strict=True) if default]
    for leaf in leaves(yaml.safe_load((infra_dir / values.CHART / "values.yaml").read_text())):
        assert any(leaf == row or leaf.startswith(f"{row}.") for row in rows), leaf


def leaves(values: dict[str, object], above: str = "") -> list[str]:
    found = []
    for key, value in values.items():
        inside = leaves(value, f"{above}{key}.") if isinstance(value, dict) else []
        found += inside or [f"{above}{key}"]
    return found


@pytest.mark.parametrize("repository", NAMES)
def test_every_phony_target_has_its_row(repository: str) -> None:
    all_together() if repository == WORKSPACE else at_hand(repository)
    text = (folder(repository) / "Makefile").read_text()
    phony = {word for line in re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE) for word in line.split()}
    assert set(targets(folder(repository))) == phony
