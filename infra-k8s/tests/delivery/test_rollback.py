from typing import Any

import pytest

from delivery.rollback import before


def entry(revision: int, status: str, description: str = "Upgrade complete") -> dict[str, Any]:
    return {"revision": revision, "status": status, "description": description}


GOOD = entry(1, "superseded", "Install complete")


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
    ],
    ids=[
        "a first install has nothing before it",
        "the one before",
        "what came back after an upgrade that failed",
        "never an upgrade that failed",
        "never forward to what was rolled back",
        "a way back and one more",
        "the oldest revisions are forgotten",
    ],
)
def test_way_back_leads_to_what_really_ran_before(history: list[dict[str, Any]], target: int | None) -> None:
    assert before(history) == target
