"""List the cluster's objects once."""

import asyncio
from dataclasses import dataclass, field

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.errors import CannotExamine
from scrape_doctor.read import rights
from scrape_doctor.read.api import APPS, CORE, Refused, list_objects
from scrape_doctor.resources.objects import Object
from scrape_doctor.scope import Scope

MONITORING = "monitoring.coreos.com/v1"
IN_NAMESPACES = (
    ("pods", CORE, "Pod"),
    ("services", CORE, "Service"),
    ("events", CORE, "Event"),
    ("configmaps", CORE, "ConfigMap"),
    ("deployments", APPS, "Deployment"),
    ("statefulsets", APPS, "StatefulSet"),
    ("daemonsets", APPS, "DaemonSet"),
    ("replicasets", APPS, "ReplicaSet"),
    ("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy"),
)
EVERYWHERE = (
    ("nodes", CORE, "Node"),
    ("namespaces", CORE, "Namespace"),
    ("servicemonitors", MONITORING, "ServiceMonitor"),
    ("podmonitors", MONITORING, "PodMonitor"),
    ("prometheusrules", MONITORING, "PrometheusRule"),
    ("prometheuses", MONITORING, "Prometheus"),
)
NAMESPACED = {"servicemonitors", "podmonitors", "prometheusrules", "prometheuses"}
REQUIRED = {"pods", "services", "events", "deployments", "statefulsets", "daemonsets", *NAMESPACED}


async def read(api: Api, scope: Scope) -> Cluster:
    """Return the objects of the release's and the monitoring's namespaces, and the kinds that are listed everywhere.

    Raises:
        CannotExamine: if a kind that every diagnosis needs may not be read, or no port may be forwarded.
    """
    namespaces = tuple(dict.fromkeys((scope.namespace, scope.monitoring_namespace)))
    listing = Listing(api, namespaces)
    await asyncio.gather(
        *(listing.add(*kind, namespace) for kind in IN_NAMESPACES for namespace in namespaces),
        *(listing.add(*kind, None) for kind in EVERYWHERE),
    )
    missing = {kind: message for kind, message in listing.forbidden.items() if kind in REQUIRED}
    if missing:
        kind, message = next(iter(missing.items()))
        raise CannotExamine(
            f"may not read {', '.join(missing)}: {message} "
            f"(needed in {' and '.join(namespaces)}: `get` and `list` on {kind} and the like, "
            "`create` on pods/portforward)"
        )
    for namespace in namespaces:
        if not await rights.may_forward(api, namespace):
            raise CannotExamine(
                f"may not forward ports in namespace {namespace}, over which the probes and Prometheus are asked: "
                "grant `create` on pods/portforward there"
            )
    if "namespaces" in listing.forbidden:
        await asyncio.gather(*(listing.add_namespace(namespace) for namespace in namespaces))
    return Cluster(listing.objects, listing.forbidden, listing.not_served)


@dataclass
class Listing:
    """Collects the objects of each kind, and notes the kinds that we may not list or that the cluster does not know.

    Any other reason why a kind is not listed must not be taken for its absence: CannotExamine is raised.
    """

    api: Api
    namespaces: tuple[str, ...]
    objects: dict[str, list[Object]] = field(default_factory=dict)
    forbidden: dict[str, str] = field(default_factory=dict)
    not_served: dict[str, str] = field(default_factory=dict)

    async def add(self, plural: str, version: str, kind: str, namespace: str | None) -> None:
        """Add every object of a kind, of one namespace or of all that may be read."""
        try:
            found = await list_objects(self.api, plural, version, namespace)
        except Refused as error:
            if namespace is None and plural in NAMESPACED and error.status == 403:
                for each in self.namespaces:
                    await self.add(plural, version, kind, each)
                return
            if error.status not in (403, 404):
                raise CannotExamine(f"the cluster does not list {plural}: {error}") from error
            (self.forbidden if error.status == 403 else self.not_served)[plural] = str(error)
            return
        for thing in found:
            thing["kind"] = kind
        self.objects.setdefault(plural, []).extend(found)

    async def add_namespace(self, name: str) -> None:
        """Add one namespace, which may be readable where the list of all is not."""
        async with self.api.call_api("GET", version=CORE, url=f"namespaces/{name}", raise_for_status=False) as answer:
            if not answer.is_error:
                self.objects.setdefault("namespaces", []).append(answer.json())
