"""The monitor's selection: its selector and namespaceSelector select the subject's Services or pods."""

import json
from collections.abc import Iterator

from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.monitoring import selects as takes
from scrape_doctor.resources import prober
from scrape_doctor.resources.monitors import MONITORS, covers_namespace, endpoints
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
    if snapshot.scope.manifests and (twice := duplicate(snapshot)) is not None:
        return twice
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


def duplicate(snapshot: Snapshot) -> Finding | None:
    """Find two endpoints, of one monitor or of two, by which one Prometheus would scrape the same twice.

    Their samples have the same labels, so that one of each pair is dropped as a duplicate.
    """
    for monitor in snapshot.subject.monitors:
        mine = list(scrapes(snapshot, monitor))
        others = [each for kind in MONITORS for each in snapshot.cluster.all(kind) if each["kind"] == monitor["kind"]]
        for other in others:
            if other is monitor:
                twice = [key for key in mine if mine.count(key) > 1]
            else:
                theirs = set(scrapes(snapshot, other)) if share_prometheus(snapshot, monitor, other) else set()
                twice = [key for key in mine if key in theirs]
            if twice:
                what = f"{monitor['kind']} {namespace(monitor)}/{name(monitor)}"
                by = "two of its endpoints do" if other is monitor else f"{namespace(other)}/{name(other)} does"
                return broken(
                    "target-duplicate",
                    f"{what} scrapes {twice[0].partition(' ')[0]} twice: {by} the same",
                    fix="take one of them away, or let their paths, ports or relabelings differ",
                    about=monitor,
                )
    return None


def scrapes(snapshot: Snapshot, monitor: Object) -> Iterator[str]:
    """Yield what each endpoint would scrape, as text that is equal for the same targets with the same labels."""
    for thing in snapshot.subject.selected(monitor):
        for endpoint in endpoints(monitor):
            fields = {key: endpoint.get(key) for key in ("port", "targetPort", "portNumber", "params", "relabelings")}
            path = endpoint.get("path") or "/metrics"
            url = f"{thing['kind']}/{namespace(thing)}/{name(thing)}{path}"
            yield f"{url} {endpoint.get('scheme') or 'http'} {json.dumps(fields, sort_keys=True)}"


def share_prometheus(snapshot: Snapshot, one: Object, other: Object) -> bool:
    """Tell whether one Prometheus takes both monitors; without any to see, it probably does."""
    watchers = snapshot.monitoring.prometheuses
    cluster = snapshot.cluster
    return not watchers or any(takes(cluster, each, one) and takes(cluster, each, other) for each in watchers)
