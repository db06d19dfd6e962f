"""Commands that fix the subject for its owner: a chart value where Helm made it, else the object itself."""

from scrape_doctor import chart_values
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
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


def set_value(snapshot: Snapshot, setting: str, otherwise: str) -> str:
    """Return the command that sets one chart value and keeps the others; `otherwise` where Helm did not make it."""
    scope = snapshot.scope
    if not scope.release:
        return otherwise
    return f"helm upgrade {scope.release} <chart> -n {scope.namespace} --reuse-values --set {setting}"


def rollback(snapshot: Snapshot, workload: Object | None = None) -> str:
    """Return the command that goes back to the revision before, of the Helm release or else of a workload."""
    if not snapshot.scope.release:
        return rollout_undo(workload)
    return f"helm rollback {snapshot.scope.release} -n {snapshot.scope.namespace}"


def rollout_undo(workload: Object | None) -> str:
    """Return the command that goes back to a workload's revision before; words where there is no workload."""
    if workload is None:
        return "apply the version before"
    return f"kubectl -n {namespace(workload)} rollout undo {kind_word(workload)}/{name(workload)}"


def workload_of(snapshot: Snapshot, pod: Object) -> Object | None:
    """Return the workload that a pod belongs to, None for a pod of its own."""
    workloads = (each for each in snapshot.subject.workloads if pod in snapshot.cluster.pods_of(each))
    return next(workloads, None)
