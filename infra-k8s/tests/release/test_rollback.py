from typing import Any

import pytest

from release.rollback import before, is_first


def entry(revision: int, status: str, description: str = "Upgrade complete") -> dict[str, Any]:
    return {"revision": revision, "status": status, "description": description}


GOOD = entry(1, "superseded", "Install complete")
WAY_BACK = [GOOD, entry(2, "superseded"), entry(3, "superseded", "Rollback to 1")]


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
        ([*WAY_BACK, entry(4, "superseded"), entry(5, "deployed", "Rollback to 3")], None),
        ([GOOD, entry(2, "superseded"), entry(3, "failed", "Rollback to 1")], 1),
        ([GOOD, entry(2, "deployed"), entry(3, "pending-rollback", "Rollback to 1")], 1),
    ],
    ids=[
        "a first install has nothing before it",
        "the one before",
        "what came back after an upgrade that failed",
        "never an upgrade that failed",
        "never forward to what was rolled back",
        "a way back and one more",
        "the oldest revisions are forgotten",
        "what still serves after an upgrade that failed",
        "what still serves after an upgrade that was killed",
        "what serves, not the one before it",
        "a copy of a copy is what the first one was",
        "a way back that failed is gone again",
        "a way back that was killed is gone again",
    ],
)
def test_way_back_leads_to_what_really_ran_before(history: list[dict[str, Any]], target: int | None) -> None:
    assert before(history) == target


@pytest.mark.parametrize(
    ("history", "first"),
    [
        ([entry(1, "deployed", "Install complete")], True),
        ([entry(1, "failed"), entry(2, "deployed")], True),
        ([GOOD, entry(2, "superseded"), entry(3, "deployed", "Rollback to 1")], False),
        ([entry(4, "failed"), entry(5, "deployed")], False),
    ],
    ids=["a first install", "the second try of one", "what was gone back to", "what came before is forgotten"],
)
def test_only_what_nothing_ever_ran_before_may_be_taken_away(history: list[dict[str, Any]], first: bool) -> None:
    assert before(history) is None
    assert is_first(history) is first
