"""Find the target among the cluster's objects, and from it the subject, its Helm release and its monitoring."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scrape_doctor import monitoring, subject
from scrape_doctor.cluster import Cluster
from scrape_doctor.errors import CannotExamine
from scrape_doctor.monitoring import Monitoring
from scrape_doctor.resources.dashboards import is_dashboard
from scrape_doctor.resources.monitors import MONITORS, selects
from scrape_doctor.resources.objects import Object, annotations, kind_word, made_by_helm, name, namespace
from scrape_doctor.resources.pods import WORKLOADS
from scrape_doctor.scope import KINDS, Scope, Target
from scrape_doctor.subject import Subject

PLURALS = {kind: f"{kind}es" if kind == "prometheus" else f"{kind}s" for kind in KINDS if kind != "release"}
ALSO_LISTED = ("prometheuses", "prometheusagents", "scrapeconfigs")  # where the whole cluster is examined
LISTED = 5  # names in an error


@dataclass(frozen=True)
class Resolution:
    """The scope with all its names found, the subject and the monitoring that should watch it."""

    scope: Scope
    subject: Subject
    monitoring: Monitoring


def resolve(cluster: Cluster, scope: Scope) -> Resolution:
    """Return what is examined.

    Raises:
        CannotExamine: if the target is not there, with the names that are most alike.
    """
    scope = _with_kind(cluster, scope)
    if scope.is_release:
        scope = replace(scope, release=scope.target.name if scope.target else scope.release)
        examined = subject.of_release(cluster, scope)
    else:
        examined = subject.of_object(cluster, find(cluster, scope))
        scope = _with_release(scope, examined)
    watching = monitoring.of_scope(cluster, scope, examined)
    if not scope.monitoring_namespace and watching.watchers:
        first = watching.watchers[0]
        release = annotations(first).get("meta.helm.sh/release-name") or name(first)
        scope = replace(scope, monitoring_namespace=namespace(first), monitoring_release=release)
    return Resolution(scope, examined, watching)


def targets_of(cluster: Cluster, scope: Scope) -> list[Scope]:
    """Return a scope for each target: the one that is named, else each that the namespace or the cluster has.

    Those are its monitors, and the Services that look like they were to be scraped while no monitor leads to their
    pods.

    Raises:
        CannotExamine: if there is none.
    """
    if not scope.is_open:
        return [scope]
    monitors = [monitor for kind in MONITORS for monitor in cluster.all(kind)]
    asked_for = (*monitors, *cluster.all("probes"))
    here = [monitor for monitor in asked_for if scope.everywhere or namespace(monitor) == scope.namespace]
    services = [s for s in cluster.all("services") if scope.everywhere or namespace(s) == scope.namespace]
    unselected = [s for s in services if looks_scraped(s) and not is_scraped(cluster, s, monitors)]
    things = (*here, *unselected)
    wanted = "" if scope.everywhere else scope.namespace
    refused = [plural for plural in (*MONITORS, "services") if cluster.may_not_list(plural, wanted)]
    if refused and not things:
        raise CannotExamine(may_not_list(cluster, refused, wanted))
    if scope.manifests:
        things += (*cluster.all("prometheusrules"), *filter(is_dashboard, cluster.all("configmaps")))
    if not things:
        everything = "the text" if scope.manifests else "the cluster"
        where = everything if scope.everywhere else f"namespace {scope.namespace}"
        raise CannotExamine(
            f"{where} has no ServiceMonitor, PodMonitor or Probe and no Service that looks scraped"
            f"{'; name a target' * (not scope.manifests)}"
        )
    if scope.everywhere and not scope.manifests:
        things += tuple(thing for kind in ALSO_LISTED for thing in cluster.all(kind))
    return [replace(scope, namespace=namespace(each), target=Target(kind_word(each), name(each))) for each in things]


def looks_scraped(service: Object) -> bool:
    """Tell whether a Service has a port or an annotation by which it is to be scraped."""
    ports = [str(port.get("name", "")) for port in service["spec"].get("ports") or []]
    return "prometheus.io/scrape" in annotations(service) or any("metrics" in port for port in ports)


def is_scraped(cluster: Cluster, service: Object, monitors: Sequence[Object]) -> bool:
    """Tell whether a monitor selects a Service, or its pods, or another Service before the same pods."""
    if any(selects(monitor, service) for monitor in monitors if monitor["kind"] == "ServiceMonitor"):
        return True
    pods = cluster.pods_behind(service)
    near = cluster.in_namespace("services", namespace(service)) if pods else []
    others = [other for other in near if other is not service and any(p in pods for p in cluster.pods_behind(other))]
    return any(
        selects(monitor, thing)
        for monitor in monitors
        for thing in (pods if monitor["kind"] == "PodMonitor" else others)
    )


def find(cluster: Cluster, scope: Scope) -> Object:
    """Return the object that the target names.

    Raises:
        CannotExamine: if it is not there.
    """
    assert scope.target is not None
    plural = PLURALS[scope.target.kind]
    if cluster.may_not_list(plural, scope.namespace):
        raise CannotExamine(f"{may_not_list(cluster, [plural], scope.namespace)}")
    if plural in cluster.not_served:
        raise CannotExamine(f"the cluster knows no {plural}: {cluster.not_served[plural]}")
    for thing in cluster.in_namespace(plural, scope.namespace):
        if name(thing) == scope.target.name:
            return thing
    names = [f"{kind}/{found}" for kind, found in _names(cluster, scope.namespace)]
    nearest = _alternatives(scope.target.name, names)
    raise CannotExamine(f"there is no {scope.target} in namespace {scope.namespace}{nearest}")


def _with_kind(cluster: Cluster, scope: Scope) -> Scope:
    """Return the scope with the kind of a bare name found."""
    if scope.target is None or scope.target.kind:
        return scope
    names = list(_names(cluster, scope.namespace))
    for kind, found in names:
        if found == scope.target.name:
            return replace(scope, target=Target(kind, found))
    alternatives = _alternatives(scope.target.name, [f"{kind}/{found}" for kind, found in names if kind != "pod"])
    refused = [plural for plural in PLURALS.values() if cluster.may_not_list(plural, scope.namespace)]
    if refused:
        raise CannotExamine(
            f"cannot find {scope.target.name}: {may_not_list(cluster, refused, scope.namespace)}; or give its kind"
        )
    raise CannotExamine(f"nothing in namespace {scope.namespace} is called {scope.target.name}{alternatives}")


def may_not_list(cluster: Cluster, plurals: Sequence[str], wanted: str) -> str:
    """Return in words that we may not list some kinds in a namespace, empty for every one, and what to be granted."""
    where = f"namespace {wanted}" if wanted else "every namespace"
    reason = cluster.forbidden_in.get((plurals[0], wanted)) or cluster.forbidden.get(plurals[0], "")
    return f"may not list {', '.join(plurals)} in {where}: needs the right to get and list them there ({reason})"


def _names(cluster: Cluster, wanted: str) -> list[tuple[str, str]]:
    """Return the kind and name of everything in a namespace that can be a target, in the order of KINDS."""
    owned = [annotations(thing) for kind in WORKLOADS for thing in cluster.all(kind) if namespace(thing) == wanted]
    releases = {marks["meta.helm.sh/release-name"] for marks in owned if "meta.helm.sh/release-name" in marks}
    found = [("release", release) for release in sorted(releases)]
    for kind, plural in PLURALS.items():
        found += [(kind, name(thing)) for thing in cluster.all(plural) if namespace(thing) == wanted]
    return found


def _alternatives(wanted: str, names: list[str]) -> str:
    """Return the names that are most alike, as the end of a sentence; empty if there is nothing at all."""
    by_name = {each.partition("/")[2]: each for each in reversed(names)}
    near = [by_name[each] for each in difflib.get_close_matches(wanted, by_name, n=LISTED, cutoff=0.5)]
    if near:
        return f"; the nearest: {', '.join(near)}"
    return (
        f"; there are {', '.join(names[:LISTED])}{' …' * (len(names) > LISTED)}"
        if names
        else "; the namespace is empty"
    )


def _with_release(scope: Scope, examined: Subject) -> Scope:
    """Return the scope with the Helm release that made the target, and the namespace in which the pods are."""
    release = ""
    for thing in (examined.target, *examined.workloads):
        marks = annotations(thing) if thing else {}
        if thing and made_by_helm(thing, marks.get("meta.helm.sh/release-name", ""), namespace(thing)):
            release = marks["meta.helm.sh/release-name"]
            break
    found = next(iter((*examined.pods, *examined.services, *examined.workloads)), None)
    return replace(scope, release=release, namespace=namespace(found) if found else scope.namespace)
