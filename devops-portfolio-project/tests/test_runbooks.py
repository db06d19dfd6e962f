"""Every alert has its runbook, and every runbook its alert."""

import re
from pathlib import Path

import pytest

from pages.blocks import name
from pages.markdown import inline_code
from pages.repositories import HERE, pages
from reference import metrics
from reference.alerts import rules
from tests.conftest import at_hand

NAME = re.compile(r"FlaskApp\w+|(http|app)_\w+")


def test_runbooks_are_those_of_the_alerts() -> None:
    at_hand("infra-k8s")
    alerts = {str(rule["alert"]).lower() for rule in rules()}
    assert alerts
    assert {page.stem for page in (HERE / "runbooks").glob("*.md")} == alerts


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_alert_and_metric_that_a_page_names_in_code_exists(page: Path) -> None:
    at_hand("flask-app", "infra-k8s")
    known = {str(rule["alert"]) for rule in rules()} | {row[0].strip("`") for row in metrics.read().rows}
    named = {text for text in inline_code(page) if NAME.fullmatch(text)}
    assert named <= known
