"""The monitor's choice: its selector and namespaceSelector take the release's Service or pods."""

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, labels, name, namespace
from scrape_doctor.selectors import shown, unmet


def check(evidence: Evidence) -> Finding:
    """Judge each monitor against what the release offers."""
    taken = []
    for monitor in evidence.monitors():
        kind = "pod" if monitor["kind"] == "PodMonitor" else "Service"
        # What it takes of others does not make up for what it misses here.
        chosen = evidence.chosen(monitor)
        if not chosen:
            return nothing(evidence, monitor, kind)
        taken += [f"{kind} {name(thing)}" for thing in chosen]
    return ok(", ".join(taken))


def nothing(evidence: Evidence, monitor: Object, kind: str) -> Finding:
    """Say which requirement the nearest Service or pod misses."""
    selector = monitor["spec"]["selector"]
    nearest = min(evidence.offered(monitor), key=lambda thing: len(unmet(selector, labels(thing))), default=None)
    what = f"{monitor['kind']} {namespace(monitor)}/{name(monitor)}"
    if nearest is None:
        return broken("monitor-selects-nothing", f"{what} selects no {kind}; the release has none", fix=f"add a {kind}")
    lacks = unmet(selector, labels(nearest))
    if lacks:
        return broken(
            "monitor-selects-nothing",
            f"{what} selects no {kind}: {kind} {name(nearest)} lacks {', '.join(lacks)}",
            f"selector: {shown(selector)}",
            f"{kind} labels: {', '.join(f'{k}={v}' for k, v in labels(nearest).items()) or 'none'}",
            fix=f"kubectl -n {namespace(monitor)} edit {monitor['kind'].lower()} {name(monitor)}: make spec.selector "
            f"one that {kind} {name(nearest)} meets",
        )
    patch = f'{{"spec":{{"namespaceSelector":{{"matchNames":["{namespace(nearest)}"]}}}}}}'
    return broken(
        "monitor-namespace-selector",
        f"{what} does not look into namespace {namespace(nearest)}, where {kind} {name(nearest)} is",
        f"namespaceSelector: {monitor['spec'].get('namespaceSelector') or 'none (its own namespace only)'}",
        fix=f"kubectl -n {namespace(monitor)} patch {monitor['kind'].lower()} {name(monitor)} "
        f"--type=merge -p '{patch}'",
    )
