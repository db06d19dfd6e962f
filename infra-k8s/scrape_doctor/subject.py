"""The subject of an examination: the release's objects, and those of others that concern its pods."""

from dataclasses import dataclass, replace

from scrape_doctor.cluster import Cluster
from scrape_doctor.resources.monitors import MONITORS, selects
from scrape_doctor.resources.objects import Object, made_by_helm
from scrape_doctor.resources.pods import WORKLOADS
from scrape_doctor.resources.selectors import is_specific
from scrape_doctor.scope import Scope


@dataclass(frozen=True)
class Subject:
    """The objects that are examined.

    `pods` are the workloads' live pods, `services` the release's own, `other_services` those that others made for its
    pods, `monitors` the release's own or, where it has none, those that others made for it.
    """

    workloads: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    services: tuple[Object, ...] = ()
    other_services: tuple[Object, ...] = ()
    monitors: tuple[Object, ...] = ()
    rules: tuple[Object, ...] = ()
    configmaps: tuple[Object, ...] = ()

    @property
    def all_services(self) -> tuple[Object, ...]:
        """Return its own Services and those that others made for its pods."""
        return self.services + self.other_services

    def candidates(self, monitor: Object) -> list[Object]:
        """Return what a monitor of that kind could select here: pods or Services."""
        return list(self.pods if monitor["kind"] == "PodMonitor" else self.all_services)

    def selected(self, monitor: Object) -> list[Object]:
        """Return the candidates that a monitor selects."""
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
