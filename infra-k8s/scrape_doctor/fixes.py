"""Commands that fix the subject for whoever owns it: a chart value by Helm."""

from scrape_doctor import chart_values
from scrape_doctor.snapshot import Snapshot


def value_path(snapshot: Snapshot, leaf: object, about: str = "") -> str:
    """Return the chart value, as `--set` names it, that holds `leaf`; of several the one whose path contains `about`.

    Empty if there is none, or more than one.
    """
    found = list(chart_values.paths(snapshot.helm.values, leaf)) if snapshot.helm else []
    if len(found) > 1:
        found = [path for path in found if about and about.lower() in path.lower()]
    return found[0] if len(found) == 1 else ""


def value_path_ending(snapshot: Snapshot, ending: str) -> str:
    """Return the first chart value whose path ends so; empty if none does."""
    paths = chart_values.leaves(snapshot.helm.values) if snapshot.helm else ()
    return next((path for path in paths if f".{path}".endswith(f".{ending}")), "")


def upgrade(snapshot: Snapshot, setting: str) -> str:
    """Return the command that sets one chart value and keeps the others."""
    scope = snapshot.scope
    return f"helm upgrade {scope.release} <chart> -n {scope.namespace} --reuse-values --set {setting}"


def rollback(snapshot: Snapshot) -> str:
    """Return the command that goes back to the revision before."""
    return f"helm rollback {snapshot.scope.release} -n {snapshot.scope.namespace}"
