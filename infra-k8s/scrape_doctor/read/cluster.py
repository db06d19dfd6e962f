"""List the cluster's objects once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.errors import CannotExamine
from scrape_doctor.read.api import APPS, CORE, Refused, list_objects
from scrape_doctor.resources.monitors import MONITORS, PROMETHEUSES
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.selectors import matches
from scrape_doctor.scope import Scope

MONITORING, ALPHA = "monitoring.coreos.com/v1", "monitoring.coreos.com/v1alpha1"
SERVICES = ("services", CORE, "Service")
IN_NAMESPACES = (
    ("pods", CORE, "Pod"),
    SERVICES,
    ("events", CORE, "Event"),
    ("configmaps", CORE, "ConfigMap"),
    ("deployments", APPS, "Deployment"),
    ("statefulsets", APPS, "StatefulSet"),
    ("daemonsets", APPS, "DaemonSet"),
    ("replicasets", APPS, "ReplicaSet"),
    ("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy"),
    ("ingresses", "networking.k8s.io/v1", "Ingress"),
)
EVERYWHERE = (
    ("nodes", CORE, "Node"),
    ("namespaces", CORE, "Namespace"),
    ("servicemonitors", MONITORING, "ServiceMonitor"),
    ("podmonitors", MONITORING, "PodMonitor"),
    ("prometheusrules", MONITORING, "PrometheusRule"),
    ("probes", MONITORING, "Probe"),
    ("prometheuses", MONITORING, "Prometheus"),
    ("prometheusagents", ALPHA, "PrometheusAgent"),
    ("scrapeconfigs", ALPHA, "ScrapeConfig"),
)
USUAL_MONITORING_NAMESPACE = "monitoring"  # where we look for a Prometheus if we may not look everywhere
OF_NO_NAMESPACE = {"nodes", "namespaces"}


async def read(api: Api, scopes: Sequence[Scope]) -> Cluster:
    """Return the objects of the targets' and the monitoring's namespaces, and the kinds that are listed everywhere.

    What we may not list is noted: the links that hang on it are not checked.

    Raises:
        CannotExamine: if the API server does not list a kind for another reason.
    """
    named = (each for s in scopes for each in (s.namespace, s.monitoring_namespace or USUAL_MONITORING_NAMESPACE))
    own = tuple(dict.fromkeys(each for each in named if each))
    listing = Listing(api, own)
    # A monitor may select the Services of any namespace; a release is examined by its own.
    everywhere = EVERYWHERE if all(scope.is_release for scope in scopes) else (*EVERYWHERE, SERVICES)
    await asyncio.gather(*(listing.add(*kind, None) for kind in everywhere))
    found = [each for scope in scopes for each in namespaces_of(scope, listing)]
    namespaces = (None,) if None in found else tuple(dict.fromkeys(found))
    kinds = [kind for kind in IN_NAMESPACES if kind not in everywhere]
    await asyncio.gather(*(listing.add(*kind, each) for kind in kinds for each in namespaces))
    if "servicemonitors" in listing.not_served:
        await refuse_other_versions(api)
    if ("namespaces", "") in listing.forbidden:
        await asyncio.gather(*(listing.add_namespace(each) for each in namespaces if each))
    return listing.cluster()


async def refuse_other_versions(api: Api) -> None:
    """Find out whether the cluster has the operator's kinds after all, in versions that are not known here.

    Raises:
        CannotExamine: if it has.
    """
    group, _, version = MONITORING.partition("/")
    async with api.call_api("GET", base="/apis", version="", url=group, raise_for_status=False) as answer:
        if answer.is_error:
            return
        served = [str(each.get("version")) for each in answer.json().get("versions") or []]
    if served and version not in served:
        raise CannotExamine(
            f"the cluster serves {group} as {', '.join(served)} and not as {version}, which is what the doctor knows"
        )


def namespaces_of(scope: Scope, listing: "Listing") -> list[str | None]:
    """Return the namespaces whose objects are needed; None for all, where a PodMonitor looks into every one."""
    if scope.everywhere:
        return [None]
    found: list[str | None] = [scope.namespace, *monitoring_namespaces(scope, listing)]
    for plural in () if scope.is_release else MONITORS:
        for monitor in listing.objects.get(plural, []):
            is_named = scope.is_open or (scope.target and scope.target.name == name(monitor))
            if is_named and namespace(monitor) == scope.namespace:
                found += selected_namespaces(monitor, listing)
    return found


def selected_namespaces(monitor: Object, listing: "Listing") -> list[str | None]:
    """Return the namespaces in which a monitor selects something, or would if it looked there."""
    selector = monitor["spec"].get("namespaceSelector") or {}
    if monitor["kind"] == "PodMonitor":
        return [None] if selector.get("any") else list(selector.get("matchNames") or [])
    services = listing.objects.get("services", [])
    return [namespace(service) for service in services if matches(monitor["spec"]["selector"], labels(service))]


def monitoring_namespaces(scope: Scope, listing: "Listing") -> list[str]:
    """Return the namespace of the monitoring; where none is given, those of every Prometheus object."""
    if scope.monitoring_namespace:
        return [scope.monitoring_namespace]
    return sorted({namespace(each) for kind in PROMETHEUSES for each in listing.objects.get(kind, [])})


@dataclass
class Listing:
    """Collects the objects of each kind, and notes what we may not list or the cluster does not know.

    Any other reason why a kind is not listed must not be taken for its absence: CannotExamine is raised.
    """

    api: Api
    namespaces: tuple[str, ...]
    objects: dict[str, list[Object]] = field(default_factory=dict)
    forbidden: dict[tuple[str, str], str] = field(default_factory=dict)
    not_served: dict[str, str] = field(default_factory=dict)

    async def add(self, plural: str, version: str, kind: str, namespace: str | None) -> None:
        """Add every object of a kind, of one namespace or of all; of those that may be read where not all may be."""
        try:
            found = await list_objects(self.api, plural, version, namespace)
        except Refused as error:
            if error.status not in (403, 404):
                raise CannotExamine(f"the cluster does not list {plural}: {error}") from error
            if error.status == 404:
                self.not_served[plural] = str(error)
                return
            self.forbidden[plural, namespace or ""] = str(error)
            for each in self.namespaces if namespace is None and plural not in OF_NO_NAMESPACE else ():
                await self.add(plural, version, kind, each)
            return
        for thing in found:
            thing["kind"] = kind
        self.objects.setdefault(plural, []).extend(found)

    async def add_namespace(self, name: str) -> None:
        """Add one namespace, which may be readable where the list of all is not."""
        async with self.api.call_api("GET", version=CORE, url=f"namespaces/{name}", raise_for_status=False) as answer:
            if not answer.is_error:
                self.objects.setdefault("namespaces", []).append(answer.json())

    def cluster(self) -> Cluster:
        """Return what was listed; a kind is forbidden as a whole if it could be listed nowhere."""
        nowhere = {plural: text for (plural, _), text in self.forbidden.items() if plural not in self.objects}
        return Cluster(self.objects, nowhere, self.not_served, self.forbidden)
