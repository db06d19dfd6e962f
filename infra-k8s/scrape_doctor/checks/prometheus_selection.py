"""The Prometheus's choice: it takes the monitor by its labels and by its namespace's, and the operator accepts it."""

from scrape_doctor import selectors
from scrape_doctor.evidence import SELECTORS, Evidence
from scrape_doctor.finding import Finding, State, broken, ok, skipped
from scrape_doctor.objects import Object, labels, name, namespace


def check(evidence: Evidence) -> Finding:
    """Judge each monitor against the Prometheus objects: one that takes it is enough."""
    for monitor in evidence.monitors():
        if (found := judge(evidence, monitor, "monitor")) is not None:
            return found
    return ok(", ".join(name(prometheus) for prometheus in evidence.watchers()) + " takes it")


def judge(evidence: Evidence, thing: Object, word: str) -> Finding | None:
    """Find why no Prometheus takes a monitor or rule; `word` begins the cause's code."""
    refusals = [refusal(evidence, prometheus, thing, word) for prometheus in evidence.prometheuses()]
    if refusals and all(refusals):
        unsure = (refusal for refusal in refusals if refusal and refusal.state is State.SKIPPED)
        return next(unsure, refusals[0])
    rejected = evidence.events(thing, "InvalidConfiguration")
    if rejected and word == "monitor" and not scraped(evidence, thing):
        return broken(
            "monitor-rejected",
            f"the operator rejects {thing['kind']} {name(thing)}",
            rejected[0],
            fix=f"kubectl -n {namespace(thing)} edit {thing['kind'].lower()} {name(thing)}: correct what it names",
        )
    return None


def scraped(evidence: Evidence, monitor: Object) -> bool:
    """Tell whether Prometheus has targets from the monitor, which outlives an old complaint about it."""
    pool = f"{monitor['kind'][0].lower()}{monitor['kind'][1:]}/{namespace(monitor)}/{name(monitor)}/"
    return any(str(target["scrapePool"]).startswith(pool) for target in evidence.prometheus.targets)


def refusal(evidence: Evidence, prometheus: Object, thing: Object, word: str) -> Finding | None:
    """Say why one Prometheus does not take a monitor or rule, None if it does."""
    kind, spec = str(thing["kind"]), prometheus["spec"]
    selector = spec.get(f"{SELECTORS[kind]}Selector")
    what = f"{kind} {namespace(thing)}/{name(thing)}"
    if lacks := selectors.unmet(selector, labels(thing)):
        wanted = selectors.equals(selector, labels(thing))
        return broken(
            f"{word}-label",
            f"Prometheus {name(prometheus)} does not select {what}: it wants {', '.join(lacks)}",
            f"{SELECTORS[kind]}Selector: {selectors.shown(selector)}",
            f"labels: {', '.join(f'{k}={v}' for k, v in labels(thing).items()) or 'none'}",
            fix=f"kubectl -n {namespace(thing)} label {kind.lower()} {name(thing)} {wanted} --overwrite"
            if wanted
            else open_up(evidence, kind),
        )
    namespaces = spec.get(f"{SELECTORS[kind]}NamespaceSelector")
    if namespaces is None:
        lacks = [] if namespace(thing) == namespace(prometheus) else [f"namespace {namespace(prometheus)}"]
    else:
        lacks = selectors.unmet(namespaces, evidence.namespace_labels(namespace(thing)))
    if not lacks:
        return None
    if namespaces and not evidence.labels_known(namespace(thing)):
        return skipped(f"it may depend on the labels of namespace {namespace(thing)}, which may not be read")
    wanted = selectors.equals(namespaces, evidence.namespace_labels(namespace(thing)))
    return broken(
        f"{word}-namespace",
        f"Prometheus {name(prometheus)} does not look into namespace {namespace(thing)}, where {what} is: "
        f"it wants {', '.join(lacks)}",
        f"{SELECTORS[kind]}NamespaceSelector: "
        + ("none set (its own namespace only)" if namespaces is None else selectors.shown(namespaces)),
        fix=f"kubectl label namespace {namespace(thing)} {wanted}" if wanted else open_up(evidence, kind),
    )


def open_up(evidence: Evidence, kind: str) -> str:
    """Return the command that lets the stack select everything, for selectors that no label can meet."""
    names, spec = evidence.names, "prometheus.prometheusSpec"
    return (
        f"helm upgrade {names.monitoring_release} prometheus-community/kube-prometheus-stack "
        f"-n {names.monitoring_namespace} --reuse-values --set {spec}.{SELECTORS[kind]}SelectorNilUsesHelmValues=false "
        f"--set-json '{spec}.{SELECTORS[kind]}NamespaceSelector={{}}'"
    )
