"""Read the cluster once, without changing anything."""

import asyncio
from collections.abc import Mapping

import httpx
from kr8s.asyncio import Api

from scrape_doctor import rights
from scrape_doctor.evidence import Evidence, HelmRelease, Names
from scrape_doctor.objects import Object
from scrape_doctor.records import decode

CORE, APPS = "v1", "apps/v1"
MONITORING = "monitoring.coreos.com/v1"
HERE = (
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
NEEDED = {"pods", "services", "events", "deployments", "statefulsets", "daemonsets", *NAMESPACED}


class CannotExamine(Exception):
    """The cluster cannot be examined; the message is one line for people."""


async def read(api: Api, names: Names) -> Evidence:
    """Return what the cluster holds of the release and of the monitoring.

    Raises:
        CannotExamine: if the release is not there, or may not be looked at.
    """
    evidence = Evidence(names)
    reader = Reader(api, evidence)
    spaces = dict.fromkeys((names.namespace, names.monitoring_namespace))
    await asyncio.gather(
        *(reader.collect(*kind, space) for kind in HERE for space in spaces),
        *(reader.collect(*kind, None) for kind in EVERYWHERE),
    )
    if reader.forbidden:
        kind, words = next(iter(reader.forbidden.items()))
        raise CannotExamine(
            f"may not read {', '.join(reader.forbidden)}: {words} "
            f"(needed in {' and '.join(spaces)}: `get` and `list` on {kind} and the like, `create` on pods/portforward)"
        )
    for space in spaces:
        if not await rights.may_forward(api, space):
            raise CannotExamine(
                f"may not forward ports in namespace {space}, over which the probes and Prometheus are asked: "
                "grant `create` on pods/portforward there"
            )
    await asyncio.gather(*(reader.namespace(space) for space in spaces if "namespaces" in evidence.closed))
    if evidence.prometheuses():
        evidence.denied = await rights.denied(api, evidence.account, names.namespace)
    evidence.helm = await helm_release(reader, evidence)
    return evidence


class Reader:
    """Lists kinds into the evidence, and notes those that it may not list or that the cluster does not know.

    Whatever else keeps a kind from being listed must not be taken for its absence: CannotExamine is raised.
    """

    def __init__(self, api: Api, evidence: Evidence) -> None:
        self.api = api
        self.evidence = evidence
        self.forbidden: dict[str, str] = {}

    async def collect(self, plural: str, version: str, kind: str, namespace: str | None) -> None:
        """Add every object of a kind, of one namespace or of all that may be read."""
        try:
            found = await self.list(plural, version, namespace)
        except Refused as error:
            if namespace is None and plural in NAMESPACED and error.status == 403:
                names = self.evidence.names
                for space in dict.fromkeys((names.namespace, names.monitoring_namespace)):
                    await self.collect(plural, version, kind, space)
                return
            if error.status not in (403, 404):
                raise CannotExamine(f"the cluster does not list {plural}: {error}") from error
            (self.evidence.closed if error.status == 403 else self.evidence.unknown)[plural] = str(error)
            if error.status == 403 and plural in NEEDED:
                self.forbidden[plural] = str(error)
            return
        for thing in found:
            thing["kind"] = kind
        self.evidence.objects.setdefault(plural, []).extend(found)

    async def namespace(self, name: str) -> None:
        """Add one namespace, which may be readable where the list of all is not."""
        async with self.api.call_api("GET", version=CORE, url=f"namespaces/{name}", raise_for_status=False) as answer:
            if not answer.is_error:
                self.evidence.objects.setdefault("namespaces", []).append(answer.json())

    async def list(
        self, plural: str, version: str, namespace: str | None, params: Mapping[str, str] | None = None
    ) -> list[Object]:
        """Return the items of one list request."""
        # Asked to raise, the client would log in again at each refusal and cut off the requests beside it.
        async with self.api.call_api(
            "GET", version=version, namespace=namespace, url=plural, params=params, raise_for_status=False
        ) as answer:
            if answer.is_error:
                raise Refused(answer.status_code, message(answer))
            items: list[Object] = answer.json().get("items") or []
            return items


class Refused(Exception):
    """The API server does not list a kind: 403 if we may not, 404 if it knows no such kind, 429 if it is too busy."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def message(answer: httpx.Response) -> str:
    """Return the API server's own words."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError):
        return f"HTTP status {answer.status_code}"


async def helm_release(reader: Reader, evidence: Evidence) -> HelmRelease | None:
    """Return the newest revision that Helm recorded; where its Secrets are closed to us, what the objects' marks say.

    Raises:
        CannotExamine: if there is no such release.
    """
    names = evidence.names
    params = {"labelSelector": f"owner=helm,name={names.release}"}
    try:
        records = await reader.list("secrets", CORE, names.namespace, params)
        records = records or await reader.list("configmaps", CORE, names.namespace, params)
    except Refused as error:
        if error.status != 403:
            raise CannotExamine(f"the cluster does not list Helm's records: {error}") from error
        records = []
    if records:
        newest = max(records, key=lambda record: int(record["metadata"]["labels"]["version"]))
        return decode(newest)
    if any(evidence.workloads()):
        return HelmRelease(0, "unknown: Helm's records may not be read")
    raise CannotExamine(
        f"there is no Helm release {names.release} in namespace {names.namespace}; `helm list -A` shows where they are"
    )
