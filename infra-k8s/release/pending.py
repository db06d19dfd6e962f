"""A release that a killed helm left pending: until it is freed, helm refuses every upgrade."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clients.helm import HelmFailed, Release, helm
from release.rollback import is_first, previous

# Longer than any upgrade here may take: until then helm may still be running.
ABANDONED_AFTER = timedelta(minutes=15)


class UpgradeInProgress(HelmFailed):
    """Helm may still be running; the message says since when and what to do."""


def freeing_command(history: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, ...]:
    """Return the helm command that frees the release, without its name; nothing where it is free.

    Raises:
        UpgradeInProgress: if the pending revision is too recent to be given up.
        HelmFailed: if no revision is known to roll back to: a release that may have served is not uninstalled.
    """
    if not history or not str(history[-1]["status"]).startswith("pending-"):
        return ()
    since = datetime.fromisoformat(history[-1]["updated"])
    if now - since < ABANDONED_AFTER:
        left = (since + ABANDONED_AFTER - now).seconds // 60 + 1
        raise UpgradeInProgress(
            f"helm has been running since {since:%H:%M}: wait for it, or try again in {left} minutes"
        )
    if (revision := previous(history)) is not None:
        return ("rollback", str(revision))
    if is_first(history):
        return ("uninstall",)
    raise HelmFailed("helm was killed, and no revision is known that served before: see helm history")


def free(release: Release, now: datetime | None = None) -> str:
    """Free a release and return a line that says how; nothing where it was free or is not installed."""
    try:
        history = release.history()
    except HelmFailed:
        return ""  # never installed, or else the upgrade that follows says what is wrong
    if not (found := freeing_command(history, now or datetime.now(UTC))):
        return ""
    verb, *revision = found
    helm(verb, release.name, *revision, "--namespace", release.namespace, "--wait")
    return f"{release.name} was {history[-1]['status']} since helm was killed: {' '.join(found)}"
