"""The rollback in the cluster, to the revision that was in service before."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clients.helm import HelmFailed, Release, helm

TIMEOUT = "3m"
ROLLED_BACK = re.compile(r"Rollback to (\d+)")

SERVED = ("superseded", "deployed")

History = Sequence[Mapping[str, Any]]


def content(history: History, entry: Mapping[str, Any]) -> int:
    """Return the revision whose content this one has: its own, or the one that a rollback, or several, led to."""
    found = ROLLED_BACK.match(str(entry["description"]))
    if found is None:
        return int(entry["revision"])
    origin = next((each for each in history if int(each["revision"]) == int(found[1])), None)
    return content(history, origin) if origin else int(found[1])


def previous(history: History) -> int | None:
    """Return the newest revision that was in service before the present one's content; None where none was.

    `helm rollback` without a number takes the one before by count: an upgrade that failed, or, after a rollback, the
    very revision that was rolled back.
    """
    present = content(history, history[-1])
    # Retry a rollback that did not finish.
    newest = present - 1 if history[-1]["status"] in SERVED else present
    served = [int(each["revision"]) for each in history if each["status"] in SERVED]
    return max((revision for revision in served if revision <= newest), default=None)


def is_first(history: History) -> bool:
    """Return whether no revision was ever in service before the present one, and helm still knows the whole history."""
    *earlier, present = history
    known = int(history[0]["revision"]) == 1 and content(history, present) == int(present["revision"])
    return known and not any(each["status"] in SERVED for each in earlier)


def roll_back(release: Release) -> str:
    """Roll back and return a line that says where to; raise HelmFailed where no earlier revision is known.

    A first install is uninstalled, as `helm upgrade --atomic` does; nothing else ever is.
    """
    history = release.history()
    revision = previous(history)
    if revision is None:
        if not is_first(history):
            raise HelmFailed(f"{release.name} runs the oldest revision that is known: there is none to go back to")
        release.uninstall()
        return f"{release.name} is uninstalled: nothing of it ever ran before"
    helm("rollback", release.name, str(revision), "--namespace", release.namespace, "--wait", "--timeout", TIMEOUT)
    return f"{release.name} is back to revision {revision}"


def undo(release: Release, since: datetime) -> str:
    """Roll back what was deployed after a moment and say where to, unless a rollback followed it or nothing was.

    A run that is cancelled calls it: helm or the gate may have been stopped at any point.
    """
    try:
        newest = release.history()[-1]
    except HelmFailed as missing:
        return f"nothing was deployed: {missing}"
    if datetime.fromisoformat(newest["updated"]) < since:
        return f"{release.name} runs what it ran before"
    if newest["status"] in SERVED and ROLLED_BACK.match(str(newest["description"])):
        return f"{release.name} is back already: {newest['description']}"
    return roll_back(release)
