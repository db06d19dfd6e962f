"""A release that a killed helm left behind, freed: `python -m release.pending`. Until then helm refuses every upgrade.

Exit status: 0 nothing is in the way any more, 1 helm is still at work, or could not.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clients.helm import HelmFailed, Release, helm
from release.rollback import before, is_first

# Longer than any upgrade here may take: until then whoever began may still be at work.
PATIENCE = timedelta(minutes=15)


class AtWork(RuntimeError):
    """Helm may still be at work; the message says since when and what to do."""


def command(history: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, ...]:
    """Return the helm command that frees the release, without its name; nothing where it is free.

    Raises:
        AtWork: if the pending revision is too young to be given up.
        HelmFailed: if nothing is known to go back to: what may have served is not taken away.
    """
    if not history or not str(history[-1]["status"]).startswith("pending-"):
        return ()
    since = datetime.fromisoformat(history[-1]["updated"])
    if now - since < PATIENCE:
        left = (since + PATIENCE - now).seconds // 60 + 1
        raise AtWork(f"helm has been at work since {since:%H:%M}: wait for it, or try again in {left} minutes")
    if (revision := before(history)) is not None:
        return ("rollback", str(revision))
    if is_first(history):
        return ("uninstall",)
    raise HelmFailed("helm was killed, and no revision is known that served before: see helm history")


def free(release: Release, now: datetime) -> str:
    """Free a release and say how; nothing where it was free or is not there."""
    try:
        history = release.history()
    except HelmFailed:
        return ""  # never installed, or else the upgrade that follows says what is wrong
    if not (found := command(history, now)):
        return ""
    verb, *revision = found
    helm(verb, release.name, *revision, "--namespace", release.namespace, "--wait")
    return f"{release.name} was {history[-1]['status']} since helm was killed: {' '.join(found)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Free a release and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m release.pending", description=__doc__)
    parser.add_argument("--release", required=True, help="the Helm release")
    parser.add_argument("--namespace", required=True, help="where it is installed")
    asked = parser.parse_args(arguments)
    try:
        said = free(Release(asked.namespace, asked.release), datetime.now(UTC))
    except (AtWork, HelmFailed) as failure:
        print(f"deploy: {failure}", file=sys.stderr)
        return 1
    if said:
        print(f"deploy: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
