"""The monitor's selection: its selector and namespaceSelector select the subject's Services or pods."""

from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.resources import prober
from scrape_doctor.resources.monitors import covers_namespace
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.selectors import as_text, matches, unmet
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check each monitor against the subject's Services or pods."""
    found = []
    for monitor in snapshot.subject.monitors:
        if monitor["kind"] == "Probe":
            return check_probe(snapshot, monitor)
        kind = "pod" if monitor["kind"] == "PodMonitor" else "Service"
        # Services of others that it selects do not make up for those that it misses here.
        selected = snapshot.subject.selected(monitor)
        if not selected and snapshot.scope.manifests and not snapshot.subject.candidates(monitor):
            return skipped(f"no {kind} of it is among the manifests")
        if not selected:
            return selects_nothing(snapshot, monitor, kind)
        found += [f"{kind} {name(thing)}" for thing in selected]
    return ok(", ".join(found))


def selects_nothing(snapshot: Snapshot, monitor: Object, kind: str) -> Finding:
    """Name the requirement that the most similar Service or pod misses."""
    selector = monitor["spec"]["selector"]
    candidates = snapshot.subject.candidates(monitor)
    nearest = min(candidates, key=lambda thing: len(unmet(selector, labels(thing))), default=None)
    what = f"{monitor['kind']} {namespace(monitor)}/{name(monitor)}"
    if nearest is None:
        return broken("monitor-selects-nothing", f"{what} selects no {kind}; the release has none", fix=f"add a {kind}")
    lacks = unmet(selector, labels(nearest))
    if lacks:
        return broken(
            "monitor-selects-nothing",
            f"{what} selects no {kind}: {kind} {name(nearest)} lacks {', '.join(lacks)}",
            f"selector: {as_text(selector)}",
            f"{kind} labels: {', '.join(f'{k}={v}' for k, v in labels(nearest).items()) or 'none'}",
            fix=f"kubectl -n {namespace(monitor)} edit {monitor['kind'].lower()} {name(monitor)}: make spec.selector "
            f"one that {kind} {name(nearest)} meets",
            about=monitor,
        )
    patch = f'{{"spec":{{"namespaceSelector":{{"matchNames":["{namespace(nearest)}"]}}}}}}'
    return broken(
        "monitor-namespace-selector",
        f"{what} does not look into namespace {namespace(nearest)}, where {kind} {name(nearest)} is",
        f"namespaceSelector: {monitor['spec'].get('namespaceSelector') or 'none (its own namespace only)'}",
        fix=f"kubectl -n {namespace(monitor)} patch {monitor['kind'].lower()} {name(monitor)} "
        f"--type=merge -p '{patch}'",
        about=monitor,
    )


def check_probe(snapshot: Snapshot, probe: Object) -> Finding:
    """Check that a Probe has addresses to probe: its own, or those of Ingresses that it selects."""
    what, own = f"Probe {namespace(probe)}/{name(probe)}", prober.addresses(probe)
    selector = prober.ingress_selector(probe)
    if own:
        return ok(", ".join(own))
    if selector is None:
        return broken(
            "probe-targets-missing",
            f"{what} names nothing to probe: neither addresses nor Ingresses",
            fix=f"kubectl -n {namespace(probe)} edit probe {name(probe)}: set spec.targets.staticConfig.static",
            about=probe,
        )
    if snapshot.scope.manifests or "ingresses" in snapshot.cluster.forbidden:
        return skipped("which Ingresses it selects is not known here")
    spec = {**probe["spec"], **((probe["spec"].get("targets") or {}).get("ingress") or {})}
    ingresses = [
        i for i in snapshot.cluster.all("ingresses") if covers_namespace({**probe, "spec": spec}, namespace(i))
    ]
    found = [name(ingress) for ingress in ingresses if matches(selector, labels(ingress))]
    if found:
        return ok(f"Ingress {', '.join(found)}")
    return broken(
        "probe-selects-nothing",
        f"{what} selects no Ingress: it wants {as_text(selector)}",
        *(f"Ingress {namespace(i)}/{name(i)} lacks {', '.join(unmet(selector, labels(i)))}" for i in ingresses[:1]),
        fix=f"kubectl -n {namespace(probe)} edit probe {name(probe)}: make spec.targets.ingress select one",
        about=probe,
    )
