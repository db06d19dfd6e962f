"""Each repository, split off under another name or published, passes `make check test` alone."""

import os
import re
import subprocess
import time

import pytest

from proof.clone import Outcome
from proof.conftest import Report
from publish.names import REPOSITORIES

# Alone, a test may lack a sibling or a tool; it says which.
LACKING = re.compile(r"\b(APP_DIR|INFRA_DIR|DOCS_DIR|stands alone|missing|not installed|not found)\b")


@pytest.mark.parametrize("folder", REPOSITORIES)
@pytest.mark.parametrize("how", ["split", "published"])
def test_a_repository_passes_alone(how: str, folder: str, request: pytest.FixtureRequest, report: Report) -> None:
    clone = request.getfixturevalue(how)[folder]
    begin = time.monotonic()
    outcome = clone.make("check", "test")
    report(f"{folder} {how} as {clone.folder.name}", outcome, time.monotonic() - begin)
    passed(outcome)
    assert outcome.counts["passed"] > 0
    assert outcome.counts["skipped"] == outcome.reasons.total(), "a skipped test does not say why"
    assert [reason for reason in outcome.reasons if not LACKING.search(reason)] == []
    assert _changed(clone.folder) == "", "its tests leave files behind"


@pytest.mark.parametrize("how", ["split", "published"])
def test_the_pages_are_true_of_the_others(how: str, request: pytest.FixtureRequest, report: Report) -> None:
    app, infra, docs = request.getfixturevalue(how).values()
    begin = time.monotonic()
    outcome = docs.make("test", f"APP_DIR={app.folder}", f"INFRA_DIR={infra.folder}")
    report(f"{docs.folder.name}, beside the others", outcome, time.monotonic() - begin)
    passed(outcome)


def passed(outcome: Outcome) -> None:
    """Fail with its output, and nothing more, if it did not pass."""
    if outcome.status != 0:
        pytest.fail(outcome.output, pytrace=False)


def _changed(folder: os.PathLike[str]) -> str:
    asked = ("git", "status", "--porcelain")
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout
