"""The rules: each PrometheusRule of the release is selected, accepted, loaded and evaluated."""

from scrape_doctor import promql
from scrape_doctor.checks import prometheus_selection
from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources import durations
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
    watchers = snapshot.monitoring.prometheuses
    if watchers and all(prometheus["kind"] == "PrometheusAgent" for prometheus in watchers):
        return skipped("only agents run here, which evaluate no rules")
    for thing in things:
        if (found := check_one(snapshot, thing)) is not None:
            return found
    groups = sum(len(thing["spec"].get("groups") or []) for thing in things)
    if snapshot.scope.manifests:
        return ok(f"{groups} groups parse; templates and labels are not checked without Prometheus")
    return ok(f"{groups} groups loaded")


def check_one(snapshot: Snapshot, thing: Object) -> Finding | None:
    """Find what is wrong with one PrometheusRule."""
    if (found := prometheus_selection.why_not_selected(snapshot, thing, "rule")) is not None:
        return found
    if snapshot.scope.manifests:
        return malformed(thing)
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
                    fix=f"correct the expression of {rule_name} in PrometheusRule {namespace(thing)}/{name(thing)}"
                    + f", then: helm upgrade {snapshot.scope.release} <chart> -n {snapshot.scope.namespace}"
                    * bool(snapshot.scope.release),
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


def malformed(thing: Object) -> Finding | None:
    """Find a rule that no Prometheus would load, by a parser that is not Prometheus' own.

    A function that the parser does not know may be newer than it is, and is not blamed.
    """
    where, seen = f"PrometheusRule {namespace(thing)}/{name(thing)}", set[str]()
    for group in thing["spec"].get("groups") or []:
        if group["name"] in seen:
            return wrong_rule(thing, f"{where} has two groups named {group['name']}", "give each group its own name")
        seen.add(group["name"])
        for index, rule in enumerate(group.get("rules") or []):
            title = rule.get("alert") or rule.get("record") or f"number {index + 1}"
            named = f"rule {title} in group {group['name']} of {where}"
            if (found := malformed_rule(thing, rule, named)) is not None:
                return found
    return None


def malformed_rule(thing: Object, rule: Object, named: str) -> Finding | None:
    """Find what is wrong with one rule."""
    if ("alert" in rule) == ("record" in rule):
        return wrong_rule(thing, f"{named} has not one of alert and record", "name it by one of them")
    for field in ("for", "keep_firing_for"):
        if field in rule and durations.milliseconds(str(rule[field])) is None:
            return wrong_rule(thing, f"{named} has {field}: {rule[field]}, which is no duration", f"write {field}: 5m")
    try:
        promql.selectors(str(rule.get("expr", "")))
    except ValueError as error:
        if "unknown function" not in str(error):
            reason = str(error).rpartition(": ")[2]
            return wrong_rule(thing, f"{named} does not parse: {reason}", f"correct its expr: {rule.get('expr')}")
    return None


def wrong_rule(thing: Object, message: str, fix: str) -> Finding:
    """Return that a rule would not be loaded."""
    return broken("rule-malformed", message, fix=fix, about=thing)
