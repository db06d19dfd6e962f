"""The workflow that checks the pages on GitHub."""

import re
from pathlib import Path
from typing import Any

import yaml

from checks.repositories import APP, HERE, INFRA, THIS, VARIABLES
from tests.conftest import require

WORKFLOW = HERE / ".github" / "workflows" / "checks.yaml"
SETUP = re.compile(r"^\s*python-version: ['\"]?([\d.]+)['\"]?", re.MULTILINE)
IMAGE = re.compile(r"\bpython:(\d+\.\d+)")


def steps() -> list[dict[str, Any]]:
    return list(yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]["steps"])


def pythons(repository: Path) -> set[str]:
    """Return the versions of Python that a repository's workflows set up."""
    return {
        version for file in repository.glob(".github/workflows/*.yaml") for version in SETUP.findall(file.read_text())
    }


def test_both_siblings_are_checked_out_of_the_same_owner_and_one_that_cannot_be_stops_nothing() -> None:
    environment = yaml.safe_load(WORKFLOW.read_text())["env"]
    checkouts = {step["with"]["path"]: step for step in steps() if step.get("uses", "").startswith("actions/checkout@")}
    assert set(checkouts) == {THIS, APP, INFRA}
    for name, variable in ((APP, "APP_REPOSITORY"), (INFRA, "INFRA_REPOSITORY")):
        assert checkouts[name]["with"]["repository"] == f"${{{{ env.{variable} }}}}"
        assert checkouts[name]["continue-on-error"] is True
        assert environment[variable] == f"${{{{ github.repository_owner }}}}/${{{{ vars.{variable} || '{name}' }}}}"


def test_a_sibling_that_cannot_be_checked_out_is_named() -> None:
    warnings = {step["if"]: step["run"] for step in steps() if "::warning::" in step.get("run", "")}
    assert set(warnings) == {f"steps.{sibling}.outcome != 'success'" for sibling in ("app", "infra")}
    assert all("tests that read it are skipped" in said for said in warnings.values())


def test_the_tests_receive_the_folders_of_all_three() -> None:
    (test,) = (step for step in steps() if step.get("run") == "make test")
    assert set(test["env"]) == set(VARIABLES.values())


def test_the_pages_are_tested_on_the_python_of_the_image_and_of_the_other_workflows() -> None:
    app, infra = require(APP, INFRA)
    image = set(IMAGE.findall((app / "Dockerfile").read_text()))
    assert pythons(HERE) == pythons(app) == pythons(infra) == image
