"""Every alert has its runbook, and every runbook its alert."""

from pages.repositories import HERE
from reference.alerts import rules
from tests.conftest import at_hand


def test_runbooks_are_those_of_the_alerts() -> None:
    at_hand("infra-k8s")
    alerts = {str(rule["alert"]).lower() for rule in rules()}
    assert alerts
    assert {page.stem for page in (HERE / "runbooks").glob("*.md")} == alerts
