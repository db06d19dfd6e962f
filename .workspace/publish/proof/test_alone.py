"""Each published repository, renamed or not, passes its own `make check test` alone, and agrees with its siblings."""

import os
import re
import subprocess
import time

import pytest

from publish.names import REFERENCE, REPOSITORIES
from publish.proof.clone import Outcome
from publish.proof.conftest import Published, Report

# Alone, a test may lack a sibling or a tool; it says which.
LACKING = re.compile(r"\b(APP_DIR|INFRA_DIR|DOCS_DIR|stands alone|missing|not installed|not found)\b")


@pytest.fixture(params=["as it is", "renamed"])
def service(request: pytest.FixtureRequest) -> str:
    return REFERENCE if request.param == "as it is" else str(request.config.getoption("--name"))


@pytest.mark.parametrize("folder", REPOSITORIES)
def test_a_repository_passes_alone(service: str, folder: str, published: Published, report: Report) -> None:
    clone = published(service)[folder]
    begin = time.monotonic()
    outcome = clone.make("check", "test")
    report(f"{clone.folder.name} of {service}", outcome, time.monotonic() - begin)
    passed(outcome)
    assert outcome.counts["passed"] > 0
    assert outcome.counts["skipped"] == outcome.reasons.total(), "a skipped test does not say why"
    assert [reason for reason in outcome.reasons if not LACKING.search(reason)] == []
    assert _changed(clone.folder) == "", "its tests leave files behind"


def test_the_pages_are_true_of_the_others(service: str, published: Published, report: Report) -> None:
    app, infra, docs = published(service).values()
    begin = time.monotonic()
    outcome = docs.make("test", f"APP_DIR={app.folder}", f"INFRA_DIR={infra.folder}")
    report(f"{docs.folder.name} of {service}, beside the others", outcome, time.monotonic() - begin)
    passed(outcome)


def passed(outcome: Outcome) -> None:
    """Fail with what was said, and nothing more, if it did not."""
    if outcome.status != 0:
        pytest.fail(outcome.said, pytrace=False)


def _changed(folder: os.PathLike[str]) -> str:
    asked = ("git", "status", "--porcelain")
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout
