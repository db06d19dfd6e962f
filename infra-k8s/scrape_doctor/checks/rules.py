"""The rules: each PrometheusRule of the release is selected, accepted, loaded and evaluated."""

from scrape_doctor.checks import prometheus_selection
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import Object, name, namespace


def check(evidence: Evidence) -> Finding:
    """Judge each rule object: a Prometheus must take it, and report its groups as healthy."""
    things = evidence.owned("prometheusrules")
    if not things:
        return skipped("the release has no PrometheusRule")
    for thing in things:
        if (found := judge(evidence, thing)) is not None:
            return found
    return ok(f"{sum(len(thing['spec'].get('groups') or []) for thing in things)} groups loaded")


def judge(evidence: Evidence, thing: Object) -> Finding | None:
    """Find what is wrong with one PrometheusRule."""
    if (found := prometheus_selection.judge(evidence, thing, "rule")) is not None:
        return found
    if (found := unparsed(evidence, thing)) is not None:
        return found
    loaded = {str(group["name"]): group for group in evidence.prometheus.groups if from_object(group, thing)}
    for group in thing["spec"].get("groups") or []:
        if group["name"] not in loaded:
            return not_loaded(evidence, thing, str(group["name"]))
        for rule in loaded[group["name"]].get("rules") or []:
            if rule.get("health") == "err":
                return broken(
                    "rule-failing",
                    f"rule {rule['name']} in group {group['name']} cannot be evaluated: {rule.get('lastError', '')}",
                    str(rule.get("query", "")),
                    fix=f"correct the expression of {rule['name']} in PrometheusRule {name(thing)}",
                )
    return None


def from_object(group: Object, thing: Object) -> bool:
    """Tell whether a loaded group came from the object: the operator names the file <namespace>-<name>-<uid>.yaml."""
    return f"/{namespace(thing)}-{name(thing)}-" in str(group.get("file", ""))


def unparsed(evidence: Evidence, thing: Object) -> Finding | None:
    """Find an expression that Prometheus itself says it cannot parse."""
    for group in thing["spec"].get("groups") or []:
        for rule in group.get("rules") or []:
            error = evidence.prometheus.parse_errors.get(str(rule.get("expr")))
            if error:
                called = rule.get("alert") or rule.get("record")
                return broken(
                    "rule-syntax",
                    f"rule {called} in group {group['name']} has a syntax error: {error}",
                    str(rule["expr"]),
                    *evidence.events(thing, "InvalidConfiguration")[:1],
                    fix=f"correct the expression of {called} in PrometheusRule {namespace(thing)}/{name(thing)}, "
                    f"then: helm upgrade {evidence.names.release} <chart> -n {evidence.names.namespace}",
                )
    return None


def not_loaded(evidence: Evidence, thing: Object, group: str) -> Finding:
    """Say that a group is not there, with the operator's complaint if it has one."""
    complaints = evidence.events(thing, "InvalidConfiguration")
    return broken(
        "rule-rejected" if complaints else "rule-not-loaded",
        f"Prometheus has not loaded group {group} of PrometheusRule {namespace(thing)}/{name(thing)}",
        *complaints[:1],
        fix="correct what the operator names"
        if complaints
        else "wait two minutes after a change; then read its log: "
        f"kubectl -n {evidence.names.monitoring_namespace} logs deploy/<operator>",
    )
