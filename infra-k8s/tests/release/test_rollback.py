import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clients.helm import Release
from release.__main__ import main
from release.rollback import is_first, previous, undo


def entry(revision: int, status: str, description: str = "Upgrade complete") -> dict[str, Any]:
    return {"revision": revision, "status": status, "description": description}


GOOD = entry(1, "superseded", "Install complete")
ROLLED_BACK = [GOOD, entry(2, "superseded"), entry(3, "superseded", "Rollback to 1")]


@pytest.mark.parametrize(
    ("history", "target"),
    [
        ([entry(1, "deployed", "Install complete")], None),
        ([GOOD, entry(2, "deployed")], 1),
        ([GOOD, entry(2, "failed"), entry(3, "superseded", "Rollback to 1"), entry(4, "deployed")], 3),
        ([GOOD, entry(2, "failed"), entry(3, "deployed")], 1),
        ([GOOD, entry(2, "superseded"), entry(3, "deployed", "Rollback to 1")], None),
        ([GOOD, entry(2, "superseded"), entry(3, "superseded"), entry(4, "deployed", "Rollback to 2")], 1),
        ([entry(4, "superseded", "Rollback to 2"), entry(5, "deployed")], 4),
        ([entry(1, "deployed", "Install complete"), entry(2, "failed")], 1),
        ([entry(1, "deployed", "Install complete"), entry(2, "pending-upgrade")], 1),
        ([GOOD, entry(2, "deployed"), entry(3, "failed")], 2),
        ([*ROLLED_BACK, entry(4, "superseded"), entry(5, "deployed", "Rollback to 3")], None),
        ([GOOD, entry(2, "superseded"), entry(3, "failed", "Rollback to 1")], 1),
        ([GOOD, entry(2, "deployed"), entry(3, "pending-rollback", "Rollback to 1")], 1),
    ],
    ids=[
        "a first install has nothing before it",
        "the one before",
        "what came back after an upgrade that failed",
        "never an upgrade that failed",
        "never forward to what was rolled back",
        "a rollback and one more",
        "the oldest revisions are forgotten",
        "what still serves after an upgrade that failed",
        "what still serves after an upgrade that was killed",
        "what serves, not the one before it",
        "a copy of a copy is what the first one was",
        "a rollback that failed is retried",
        "a rollback that was killed is retried",
    ],
)
def test_rollback_leads_to_what_really_ran_before(history: list[dict[str, Any]], target: int | None) -> None:
    assert previous(history) == target


@pytest.mark.parametrize(
    ("history", "first"),
    [
        ([entry(1, "deployed", "Install complete")], True),
        ([entry(1, "failed"), entry(2, "deployed")], True),
        ([GOOD, entry(2, "superseded"), entry(3, "deployed", "Rollback to 1")], False),
        ([entry(4, "failed"), entry(5, "deployed")], False),
    ],
    ids=["a first install", "the second try of one", "what was rolled back to", "what came before is forgotten"],
)
def test_only_what_nothing_ever_ran_before_may_be_taken_away(history: list[dict[str, Any]], first: bool) -> None:
    assert previous(history) is None
    assert is_first(history) is first


SINCE = datetime(2026, 1, 31, 12, tzinfo=UTC)
BEFORE, AFTER = "2026-01-31T11:59:59.123456789Z", "2026-01-31T12:00:00.123456789Z"


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A helm whose history is in the file that is returned; what else it is told is in `called` beside it."""
    history = tmp_path / "history"
    stand_in = tmp_path / "helm"
    stand_in.write_text(f'#!/bin/sh\n[ "$1" = history ] && exec cat {history}\necho "$@" >>{tmp_path}/called\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return history


@pytest.mark.parametrize(
    ("newest", "updated", "rolled_back"),
    [
        (entry(2, "deployed"), AFTER, True),
        (entry(2, "pending-upgrade"), AFTER, True),
        (entry(2, "failed"), AFTER, True),
        (entry(2, "deployed"), BEFORE, False),
        (entry(3, "deployed", "Rollback to 1"), AFTER, False),
        (entry(3, "pending-rollback", "Rollback to 1"), AFTER, True),
    ],
    ids=["upgraded", "helm was killed", "failed", "not begun", "back already", "a rollback that was killed"],
)
def test_cancelled_deploy_is_undone_as_far_as_it_went(
    helm: Path, newest: dict[str, Any], updated: str, rolled_back: bool
) -> None:
    helm.write_text(json.dumps([{**GOOD, "updated": BEFORE}, {**newest, "updated": updated}]))
    undo(Release("shops", "shop"), SINCE)
    called = helm.with_name("called")
    assert called.exists() is rolled_back
    if rolled_back:
        assert called.read_text().startswith("rollback shop 1 --namespace shops")


def test_nothing_is_undone_where_nothing_was_ever_deployed(helm: Path) -> None:
    assert undo(Release("shops", "shop"), SINCE).startswith("nothing was deployed")
    assert not helm.with_name("called").exists()


@pytest.mark.parametrize(("since", "rolled_back"), [("2026-01-31T12:00:00Z", True), ("2026-01-31T12:00:01Z", False)])
def test_step_undoes_only_what_was_deployed_since(helm: Path, since: str, rolled_back: bool) -> None:
    helm.write_text(json.dumps([{**GOOD, "updated": BEFORE}, {**entry(2, "deployed"), "updated": AFTER}]))
    assert main(["rollback"], {"RELEASE": "shop", "NAMESPACE": "shops", "SINCE": since}) == 0
    assert helm.with_name("called").exists() is rolled_back
