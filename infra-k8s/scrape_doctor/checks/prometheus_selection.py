"""Prometheus' selection: it selects the monitor by its labels and its namespace's."""

import dataclasses

from scrape_doctor.finding import Finding, State, broken, ok, skipped
from scrape_doctor.monitoring import SELECTORS
from scrape_doctor.resources import selectors
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check each monitor against the Prometheus objects: one that selects it is enough."""
    for monitor in snapshot.subject.monitors:
        if (found := why_not_selected(snapshot, monitor, "monitor")) is not None:
            return found
    return ok(", ".join(name(prometheus) for prometheus in snapshot.monitoring.watchers) + " selects it")


def why_not_selected(snapshot: Snapshot, thing: Object, word: str) -> Finding | None:
    """Find why no Prometheus selects a monitor or rule; `word` begins the cause's code."""
    # An agent evaluates no rule.
    asked = [p for p in snapshot.monitoring.prometheuses if word == "monitor" or p["kind"] == "Prometheus"]
    refusals = [refusal(snapshot, prometheus, thing, word) for prometheus in asked]
    if refusals and all(refusals):
        unsure = (refusal for refusal in refusals if refusal and refusal.state is State.SKIPPED)
        first, *others = filter(None, refusals)
        also = tuple(other.message for other in others)
        return next(unsure, dataclasses.replace(first, observations=(*first.observations, *also)))
    return None


def refusal(snapshot: Snapshot, prometheus: Object, thing: Object, word: str) -> Finding | None:
    """Return why one Prometheus does not select a monitor or rule, None if it does."""
    kind, spec = str(thing["kind"]), prometheus["spec"]
    selector = spec.get(f"{SELECTORS[kind]}Selector")
    what = f"{kind} {namespace(thing)}/{name(thing)}"
    if lacks := selectors.unmet(selector, labels(thing)):
        wanted = selectors.label_changes(selector, labels(thing))
        return broken(
            f"{word}-label",
            f"{prometheus['kind']} {name(prometheus)} does not select {what}: it wants {', '.join(lacks)}",
            f"{SELECTORS[kind]}Selector: {selectors.as_text(selector)}",
            f"labels: {', '.join(f'{k}={v}' for k, v in labels(thing).items()) or 'none'}",
            fix=f"kubectl -n {namespace(thing)} label {kind.lower()} {name(thing)} {wanted} --overwrite"
            if wanted
            else select_everything(snapshot, kind),
            about=thing if wanted else prometheus,
        )
    namespaces = spec.get(f"{SELECTORS[kind]}NamespaceSelector")
    if namespaces is None:
        lacks = [] if namespace(thing) == namespace(prometheus) else [f"namespace {namespace(prometheus)}"]
    else:
        lacks = selectors.unmet(namespaces, snapshot.cluster.namespace_labels(namespace(thing)))
    if not lacks:
        return None
    if namespaces and not snapshot.cluster.knows_labels_of(namespace(thing)):
        return skipped(f"it may depend on the labels of namespace {namespace(thing)}, which may not be read")
    wanted = selectors.label_changes(namespaces, snapshot.cluster.namespace_labels(namespace(thing)))
    return broken(
        f"{word}-namespace",
        f"{prometheus['kind']} {name(prometheus)} does not look into namespace {namespace(thing)}, where {what} is: "
        f"it wants {', '.join(lacks)}",
        f"{SELECTORS[kind]}NamespaceSelector: "
        + ("none set (its own namespace only)" if namespaces is None else selectors.as_text(namespaces)),
        fix=f"kubectl label namespace {namespace(thing)} {wanted}" if wanted else select_everything(snapshot, kind),
        about=None if wanted else prometheus,
    )


def select_everything(snapshot: Snapshot, kind: str) -> str:
    """Return the command that lets the stack select everything, for selectors that no label can match."""
    scope, spec = snapshot.scope, "prometheus.prometheusSpec"
    return (
        f"helm upgrade {scope.monitoring_release} prometheus-community/kube-prometheus-stack "
        f"-n {scope.monitoring_namespace} --reuse-values --set {spec}.{SELECTORS[kind]}SelectorNilUsesHelmValues=false "
        f"--set-json '{spec}.{SELECTORS[kind]}NamespaceSelector={{}}'"
    )
