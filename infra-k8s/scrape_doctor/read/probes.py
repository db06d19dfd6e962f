"""Query the paths that the kubelet probes."""

import asyncio

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.read.pod_client import FORWARD_ERRORS, get, http_client
from scrape_doctor.resources.objects import Object, name
from scrape_doctor.resources.pods import is_ready, port_number
from scrape_doctor.resources.probes import http_probes
from scrape_doctor.snapshot import ProbeAnswer
from scrape_doctor.subject import Subject

WELL_KNOWN = (
    *("/health", "/healthz", "/ready", "/readyz", "/livez", "/health/live", "/health/ready", "/-/healthy"),
    "/ping",
)
CONCURRENT_FORWARDS = 4


async def query(api: Api, cluster: Cluster, subject: Subject) -> tuple[ProbeAnswer, ...]:
    """Query one pod of each workload, one that is not Ready if there is any, on the paths of its HTTP probes.

    Raises:
        Denied: if we may not ask a pod.
    """
    pods: list[Object] = []
    for workload in subject.workloads:
        running = [pod for pod in cluster.pods_of(workload) if pod.get("status", {}).get("phase") == "Running"]
        pods += sorted(running, key=is_ready)[:1]
    limit = asyncio.Semaphore(CONCURRENT_FORWARDS)
    found = await asyncio.gather(
        *(_query_limited(api, limit, pod, *probe) for pod in pods for probe in http_probes(pod)),
    )
    return tuple(answer for answer in found if answer)


async def _query_limited(
    api: Api, limit: asyncio.Semaphore, pod: Object, container: Object, kind: str, probe: Object
) -> ProbeAnswer | None:
    """Query a probe's path, few at a time; return None without a port-forward: the kubelet's events tell then."""
    async with limit:
        try:
            return await query_probe(api, pod, container, kind, probe)
        except FORWARD_ERRORS:
            return None


async def query_probe(api: Api, pod: Object, container: Object, kind: str, probe: Object) -> ProbeAnswer:
    """Query a probe's path; where nothing is there, find out which of the well-known paths answers."""
    port, path = port_number(container, probe["port"]), str(probe.get("path") or "/")
    headers = {str(header["name"]): str(header["value"]) for header in probe.get("httpHeaders") or []}
    async with http_client(api, pod, port, str(probe.get("scheme", "http"))) as client:
        answer = await get(client, path, headers)
        alternatives: list[str] = []
        if answer.status in (404, 405):
            likeliest_first = sorted(WELL_KNOWN, key=lambda known: ("ready" in known) != (kind == "readiness"))
            alternatives = [
                known for known in likeliest_first if known != path and (await get(client, known)).status == 200
            ]
    return ProbeAnswer(name(pod), str(container["name"]), kind, path, port, answer, tuple(alternatives))
