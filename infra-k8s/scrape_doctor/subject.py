"""The subject of an examination: the objects between the target and its pods, and the monitors made for them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scrape_doctor.cluster import Cluster
from scrape_doctor.resources import prober
from scrape_doctor.resources.monitors import MONITORS, PROMETHEUSES, covers_namespace, selects
from scrape_doctor.resources.objects import Object, labels, made_by_helm, name, namespace
from scrape_doctor.resources.pods import WORKLOADS, is_ending
from scrape_doctor.resources.selectors import is_specific, matches
from scrape_doctor.scope import Scope

IDENTITY_LABELS = {"app", "k8s-app", "app.kubernetes.io/name"}
INSTANCE = "app.kubernetes.io/instance"  # everything of a release has it: it names an application only where none does


@dataclass(frozen=True)
class Subject:
    """The objects that are examined.

    `pods` are the workloads' live pods, `services` the release's own or those of the pods, `other_services` those that
    others made for them, `monitors` the release's own or, where it has none, those that were made for the rest.
    `target` is the object that was asked for, None for a Helm release.
    """

    workloads: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    services: tuple[Object, ...] = ()
    other_services: tuple[Object, ...] = ()
    monitors: tuple[Object, ...] = ()
    rules: tuple[Object, ...] = ()
    configmaps: tuple[Object, ...] = ()
    target: Object | None = None

    @property
    def all_services(self) -> tuple[Object, ...]:
        """Return its own Services and those that others made for its pods."""
        return self.services + self.other_services

    def candidates(self, monitor: Object) -> list[Object]:
        """Return what a monitor of that kind could select here: pods or Services."""
        return list(self.pods if monitor["kind"] == "PodMonitor" else self.all_services)

    def selected(self, monitor: Object) -> list[Object]:
        """Return the candidates that a monitor selects; a Probe's are its prober's Services."""
        if monitor["kind"] == "Probe":
            return list(self.services)
        return [thing for thing in self.candidates(monitor) if selects(monitor, thing)]

    def is_made_for(self, monitor: Object) -> bool:
        """Tell whether a monitor was made for the subject: it selects some of it by label, not just everything."""
        return is_specific(monitor["spec"]["selector"]) and bool(self.selected(monitor))


def of_release(cluster: Cluster, scope: Scope) -> Subject:
    """Return the objects of a Helm release and what others made for its pods."""

    def own(kind: str) -> tuple[Object, ...]:
        return tuple(thing for thing in cluster.all(kind) if made_by_helm(thing, scope.release, scope.namespace))

    workloads = tuple(workload for kind in WORKLOADS for workload in own(kind))
    pods = tuple(pod for workload in workloads for pod in cluster.pods_of(workload))
    services = own("services")
    others = [service for service in cluster.all("services") if service not in services]
    without_monitors = Subject(
        workloads=workloads,
        pods=pods,
        services=services,
        other_services=tuple(s for s in others if any(pod in pods for pod in cluster.pods_behind(s))),
        rules=own("prometheusrules"),
        configmaps=own("configmaps"),
    )
    monitors = [monitor for kind in MONITORS for monitor in own(kind)] or [
        monitor for kind in MONITORS for monitor in cluster.all(kind) if without_monitors.is_made_for(monitor)
    ]
    return replace(without_monitors, monitors=tuple(monitors))


def of_object(cluster: Cluster, target: Object) -> Subject:
    """Return what belongs to a workload, pod, Service or monitor, from the pods up to the monitors."""
    match target["kind"]:
        case "ServiceMonitor" | "PodMonitor":
            return _of_monitor(cluster, target)
        case "Probe":
            return _of_probe(cluster, target)
        case "Prometheus" | "PrometheusAgent" | "ScrapeConfig":
            return Subject(target=target)
        case "PrometheusRule":
            return Subject(rules=(target,), target=target)
        case "ConfigMap":
            return Subject(configmaps=(target,), target=target)
        case "Service":
            pods = tuple(pod for pod in cluster.pods_behind(target) if not is_ending(pod))
            workloads = _workloads_of(cluster, pods) or _workloads_for(cluster, target)
            subject = Subject(workloads, pods or _pods_of(cluster, workloads), (target,))
        case "Pod":
            subject = Subject(_workloads_of(cluster, (target,)), (target,), _services_of(cluster, (target,), ()))
        case _:
            pods = tuple(cluster.pods_of(target))
            subject = Subject((target,), pods, _services_of(cluster, pods, (target,)))
    monitors = [monitor for kind in MONITORS for monitor in cluster.all(kind)]
    made_for = [monitor for monitor in monitors if subject.selected(monitor)]
    made_for = made_for or [monitor for monitor in monitors if is_intended(cluster, monitor, subject)]
    return replace(subject, monitors=tuple(made_for), target=target)


def _of_monitor(cluster: Cluster, monitor: Object) -> Subject:
    """Return what a monitor selects; where that is nothing, what it could have been intended for."""
    if monitor["kind"] == "PodMonitor":
        everything = [pod for pod in cluster.all("pods") if not is_ending(pod)]
        pods = tuple(pod for pod in everything if selects(monitor, pod))
        pods = pods or tuple(_most_similar(monitor, everything))
        return Subject(_workloads_of(cluster, pods), pods, monitors=(monitor,), target=monitor)
    found = (service for each in looks_into(monitor, cluster) for service in cluster.in_namespace("services", each))
    services = tuple(service for service in found if selects(monitor, service))
    services = services or tuple(_most_similar(monitor, cluster.all("services")))
    pods = tuple(pod for service in services for pod in cluster.pods_behind(service) if not is_ending(pod))
    workloads = _workloads_of(cluster, pods) or tuple(w for s in services for w in _workloads_for(cluster, s))
    pods = _distinct(pods) or _pods_of(cluster, workloads)
    return Subject(workloads, pods, services, monitors=(monitor,), target=monitor)


def _of_probe(cluster: Cluster, probe: Object) -> Subject:
    """Return the prober that a Probe asks, as far as it is in the cluster."""
    names = prober.service_names(prober.address(probe)[0])
    places = {namespace(each) for kind in PROMETHEUSES for each in cluster.all(kind)}  # where a bare name is looked up
    spaces = [names[1]] if names and names[1] else sorted(places)
    found = [s for each in spaces for s in cluster.in_namespace("services", each) if names and name(s) == names[0]]
    pods = tuple(pod for service in found for pod in cluster.pods_behind(service) if not is_ending(pod))
    workloads = _workloads_of(cluster, pods) or tuple(w for s in found for w in _workloads_for(cluster, s))
    return Subject(workloads, _distinct(pods), tuple(found), monitors=(probe,), target=probe)


def looks_into(monitor: Object, cluster: Cluster) -> list[str]:
    """Return the namespaces in which a monitor looks for Services."""
    selector = monitor["spec"].get("namespaceSelector") or {}
    if selector.get("any"):
        return sorted({namespace(service) for service in cluster.all("services")})
    return list(dict.fromkeys(selector.get("matchNames") or [namespace(monitor)]))


def _most_similar(monitor: Object, candidates: Iterable[Object]) -> list[Object]:
    """Return the candidates that a monitor misses by its namespaces alone, else those that share its identity."""
    candidates = list(candidates)
    selector = monitor["spec"]["selector"]
    elsewhere = [thing for thing in candidates if is_specific(selector) and matches(selector, labels(thing))]
    elsewhere.sort(key=lambda thing: namespace(thing) != namespace(monitor))
    near = [thing for thing in candidates if covers_namespace(monitor, namespace(thing))]
    return elsewhere[:1] or [thing for thing in near if share_identity(monitor, thing)][:1]


def _services_of(cluster: Cluster, pods: tuple[Object, ...], workloads: tuple[Object, ...]) -> tuple[Object, ...]:
    """Return the Services that select one of the pods, else those intended for one of the workloads."""
    services = cluster.all("services")
    found = [service for service in services if any(pod in pods for pod in cluster.pods_behind(service))]
    if not found:
        found = [service for service in services if any(w in workloads for w in _workloads_for(cluster, service))]
    return tuple(found)


def _pods_of(cluster: Cluster, workloads: Iterable[Object]) -> tuple[Object, ...]:
    """Return the pods of workloads that a Service was intended for: they run though it does not select them."""
    return tuple(pod for workload in workloads for pod in cluster.pods_of(workload))


def _workloads_of(cluster: Cluster, pods: tuple[Object, ...]) -> tuple[Object, ...]:
    """Return the workloads that one of the pods belongs to."""
    namespaces = dict.fromkeys(namespace(pod) for pod in pods)
    workloads = [w for kind in WORKLOADS for each in namespaces for w in cluster.in_namespace(kind, each)]
    return tuple(workload for workload in workloads if any(pod in pods for pod in cluster.pods_of(workload)))


def _workloads_for(cluster: Cluster, service: Object) -> tuple[Object, ...]:
    """Return the workloads whose future pods a Service selects; else, if it selects none, those of its identity."""
    wanted = service["spec"].get("selector")
    here = [w for kind in WORKLOADS for w in cluster.in_namespace(kind, namespace(service))]
    if not wanted:
        return ()
    selected = [w for w in here if matches({"matchLabels": wanted}, labels(w["spec"]["template"]))]
    if selected or cluster.pods_behind(service):
        return tuple(selected)
    return tuple(workload for workload in here if share_identity(service, workload))


def is_intended(cluster: Cluster, monitor: Object, subject: Subject) -> bool:
    """Tell whether a monitor that selects nothing at all was probably made for the subject.

    It misses the subject by its namespaces alone, or has its name or one of the labels that name an application.
    """
    candidates = subject.candidates(monitor)
    selector = monitor["spec"]["selector"]
    if any(selects(monitor, thing) for thing in cluster.all(_selected_kind(monitor))):
        return False
    if is_specific(selector) and any(matches(selector, labels(thing)) for thing in candidates):
        return True
    near = [thing for thing in (*candidates, *subject.workloads) if covers_namespace(monitor, namespace(thing))]
    return any(share_identity(monitor, thing) for thing in near)


def _selected_kind(monitor: Object) -> str:
    return "pods" if monitor["kind"] == "PodMonitor" else "services"


def share_identity(one: Object, other: Object) -> bool:
    """Tell whether two objects have the same name or the same value of a label that names an application."""
    return bool(_identity(one) & _identity(other))


def _identity(thing: Object) -> set[str]:
    """Return an object's name and the names that its labels, and a monitor's selector, give the application."""
    selector = thing["spec"].get("selector") or {}
    wanted = selector.get("matchLabels") or {} if "Monitor" in thing["kind"] else {}
    found = {**labels(thing), **wanted}
    names = {value for key, value in found.items() if key in IDENTITY_LABELS}
    return {name(thing), *(names or {found[INSTANCE]} if INSTANCE in found else names)}


def _distinct(things: Iterable[Object]) -> tuple[Object, ...]:
    """Return the objects without repetitions, in their order."""
    return tuple({(namespace(thing), name(thing)): thing for thing in things}.values())
