from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.pending import PATIENCE, AtWork, command

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LONG_AGO, JUST_NOW = NOW - 2 * PATIENCE, NOW - timedelta(minutes=1)


def entry(revision: int, status: str, updated: datetime = LONG_AGO) -> dict[str, Any]:
    # Helm writes nanoseconds.
    return {"revision": revision, "status": status, "updated": updated.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")}


@pytest.mark.parametrize(
    ("history", "freed"),
    [
        ([], ()),
        ([entry(1, "deployed")], ()),
        ([entry(1, "superseded"), entry(2, "failed")], ()),
        ([entry(1, "superseded"), entry(2, "deployed"), entry(3, "pending-upgrade")], ("rollback", "2")),
        ([entry(1, "deployed"), entry(2, "failed"), entry(3, "pending-rollback")], ("rollback", "1")),
        ([entry(1, "pending-install")], ("uninstall",)),
    ],
)
def test_release_of_a_killed_helm_is_freed(history: list[dict[str, Any]], freed: tuple[str, ...]) -> None:
    assert command(history, NOW) == freed


def test_helm_that_may_still_be_at_work_is_waited_for() -> None:
    with pytest.raises(AtWork, match="try again in 15 minutes"):
        command([entry(1, "deployed"), entry(2, "pending-upgrade", JUST_NOW)], NOW)
