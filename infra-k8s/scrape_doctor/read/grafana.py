"""Query Grafana for its health."""

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.read.pod_client import FORWARD_ERRORS, get, http_client
from scrape_doctor.resources.objects import namespace
from scrape_doctor.resources.pods import port_number
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import HttpAnswer


async def query(api: Api, cluster: Cluster, scope: Scope) -> HttpAnswer | None:
    """Query the Grafana of the monitoring namespace; return None if none runs there.

    Raises:
        Denied: if we may not ask it.
    """
    for pod in cluster.all("pods"):
        for container in pod["spec"]["containers"] if namespace(pod) == scope.monitoring_namespace else []:
            if container["name"] == "grafana" and pod["status"].get("phase") == "Running":
                port = port_number(container, "grafana") or port_number(container, "http-web") or 3000
                try:
                    async with http_client(api, pod, port) as client:
                        return await get(client, "/api/health")
                except FORWARD_ERRORS as error:
                    return HttpAnswer(0, f"no port-forward: {type(error).__name__}")
    return None
