import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.helm import HelmFailed, Release
from release.pending import ABANDONED_AFTER, UpgradeInProgress, free, freeing_command

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LONG_AGO, JUST_NOW = NOW - 2 * ABANDONED_AFTER, NOW - timedelta(minutes=1)


def entry(revision: int, status: str, updated: datetime = LONG_AGO, description: str = "") -> dict[str, Any]:
    # Helm writes nanoseconds.
    written = updated.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return {"revision": revision, "status": status, "updated": written, "description": description}


@pytest.mark.parametrize(
    ("history", "freed"),
    [
        ([], ()),
        ([entry(1, "deployed")], ()),
        ([entry(1, "superseded"), entry(2, "failed")], ()),
        ([entry(1, "superseded"), entry(2, "deployed"), entry(3, "pending-upgrade")], ("rollback", "2")),
        ([entry(1, "deployed"), entry(2, "failed"), entry(3, "pending-rollback")], ("rollback", "1")),
        ([entry(1, "superseded"), entry(2, "failed"), entry(3, "pending-upgrade")], ("rollback", "1")),
        (
            [entry(1, "superseded"), entry(2, "deployed"), entry(3, "pending-rollback", description="Rollback to 1")],
            ("rollback", "1"),
        ),
        ([entry(1, "pending-install")], ("uninstall",)),
        ([entry(1, "failed"), entry(2, "pending-upgrade")], ("uninstall",)),
    ],
)
def test_release_of_a_killed_helm_is_freed(history: list[dict[str, Any]], freed: tuple[str, ...]) -> None:
    assert freeing_command(history, NOW) == freed


def test_helm_that_may_still_be_at_work_is_waited_for() -> None:
    with pytest.raises(UpgradeInProgress, match="try again in 15 minutes"):
        freeing_command([entry(1, "deployed"), entry(2, "pending-upgrade", JUST_NOW)], NOW)


def test_what_may_have_served_before_is_never_taken_away() -> None:
    with pytest.raises(HelmFailed, match="no revision is known"):
        freeing_command([entry(4, "failed"), entry(5, "pending-upgrade")], NOW)


def test_helm_is_told_how_to_free_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history, called = tmp_path / "history", tmp_path / "called"
    history.write_text(json.dumps([entry(1, "deployed"), entry(2, "pending-upgrade")]))
    stand_in = tmp_path / "helm"
    stand_in.write_text(f'#!/bin/sh\n[ "$1" = history ] && exec cat {history}\necho "$@" >>{called}\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert free(Release("shops", "shop"), NOW) == "shop was pending-upgrade since helm was killed: rollback 1"
    assert called.read_text() == "rollback shop 1 --namespace shops --wait\n"
