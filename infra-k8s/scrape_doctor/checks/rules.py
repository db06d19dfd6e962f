"""The rules: each PrometheusRule of the release is selected, accepted, loaded and evaluated."""

from scrape_doctor.checks import prometheus_selection
from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.resources.rules import is_loaded_from
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check each rule object: a Prometheus must select it and report its groups as healthy."""
    things = snapshot.subject.rules
    if snapshot.scope.is_release and snapshot.cluster.may_not_list("prometheusrules", snapshot.scope.namespace):
        return needs(f"list prometheusrules in namespace {snapshot.scope.namespace}")
    if not things:
        return skipped("the release has no PrometheusRule")
    if all(prometheus["kind"] == "PrometheusAgent" for prometheus in snapshot.monitoring.prometheuses):
        return skipped("only agents run here, which evaluate no rules")
    for thing in things:
        if (found := check_one(snapshot, thing)) is not None:
            return found
    return ok(f"{sum(len(thing['spec'].get('groups') or []) for thing in things)} groups loaded")


def check_one(snapshot: Snapshot, thing: Object) -> Finding | None:
    """Find what is wrong with one PrometheusRule."""
    if (found := prometheus_selection.why_not_selected(snapshot, thing, "rule")) is not None:
        return found
    if (found := syntax_error(snapshot, thing)) is not None:
        return found
    loaded = {str(group["name"]): group for group in snapshot.prometheus.groups if is_loaded_from(group, thing)}
    for group in thing["spec"].get("groups") or []:
        if group["name"] not in loaded:
            return not_loaded(snapshot, thing, str(group["name"]))
        for rule in loaded[group["name"]].get("rules") or []:
            if rule.get("health") == "err":
                return broken(
                    "rule-failing",
                    f"rule {rule['name']} in group {group['name']} cannot be evaluated: {rule.get('lastError', '')}",
                    str(rule.get("query", "")),
                    fix=f"correct the expression of {rule['name']} in PrometheusRule {name(thing)}",
                    about=thing,
                )
    return None


def syntax_error(snapshot: Snapshot, thing: Object) -> Finding | None:
    """Find an expression that Prometheus itself cannot parse."""
    for group in thing["spec"].get("groups") or []:
        for rule in group.get("rules") or []:
            error = snapshot.prometheus.parse_errors.get(str(rule.get("expr")))
            if error:
                rule_name = rule.get("alert") or rule.get("record")
                return broken(
                    "rule-syntax",
                    f"rule {rule_name} in group {group['name']} has a syntax error: {error}",
                    str(rule["expr"]),
                    *snapshot.cluster.events(thing, "InvalidConfiguration")[:1],
                    fix=f"correct the expression of {rule_name} in PrometheusRule {namespace(thing)}/{name(thing)}, "
                    f"then: helm upgrade {snapshot.scope.release} <chart> -n {snapshot.scope.namespace}",
                    about=thing,
                )
    return None


def not_loaded(snapshot: Snapshot, thing: Object, group: str) -> Finding:
    """Return that a group is not loaded, with the operator's complaint if it has one."""
    complaints = snapshot.cluster.events(thing, "InvalidConfiguration")
    return broken(
        "rule-rejected" if complaints else "rule-not-loaded",
        f"Prometheus has not loaded group {group} of PrometheusRule {namespace(thing)}/{name(thing)}",
        *complaints[:1],
        fix="correct what the operator names"
        if complaints
        else "wait two minutes after a change; then read its log: "
        f"kubectl -n {snapshot.scope.monitoring_namespace} logs deploy/<operator>",
    )
