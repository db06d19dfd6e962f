"""What is live: the revision of each replica, as Prometheus and as the application itself report it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import kr8s
from kr8s.objects import Deployment, Pod

from clients.kubernetes import pods, ready
from clients.monitoring import prometheus_client
from clients.port_forward import open_port
from clients.prometheus import until

PORT = 5000
TIMEOUT = 120  # seconds for Prometheus to take the targets up and scrape each: its reload and two intervals
NO_ANSWER = (httpx.HTTPError, kr8s.NotFoundError, kr8s.ServerError, kr8s.ConnectionClosedError, OSError, RuntimeError)


@dataclass(frozen=True)
class Live:
    """The revision of each ready pod: as Prometheus has it, as /api/info says it, and whether the page shows it."""

    wanted: int
    prometheus: dict[str, str]
    info: dict[str, str]
    page: dict[str, str]

    def complaint(self, revision: str) -> str:
        """Return what keeps this from being `revision` on every replica and nothing else; empty where nothing does."""
        if not self.wanted or len(self.info) != self.wanted:
            return f"{len(self.info)} of {self.wanted} replicas are ready"
        for who, said in (("/api/info", self.info), ("the page", self.page), ("Prometheus", self.prometheus)):
            if said.keys() != self.info.keys() or set(said.values()) != {revision}:
                return f"{who} says {said or 'nothing'}"
        return ""


def live(namespace: str, revision: str) -> Live:
    """Ask every ready pod of a namespace whether it is `revision`, and Prometheus about exactly these pods."""
    info, page = {}, {}
    for pod in (pod for pod in pods(namespace) if ready(pod)):
        with forwarded(pod) as url, httpx.Client(base_url=url, timeout=10) as http:
            info[pod.name] = str(http.get("/api/info").raise_for_status().json()["revision"])
            page[pod.name] = revision if revision in http.get("/").raise_for_status().text else "another revision"
    told = reported(namespace, list(info))
    return Live(Deployment.get("flask-app", namespace=namespace).replicas, told, info, page)


def reported(namespace: str, names: list[str]) -> dict[str, str]:
    """Return the revision of each of these pods that Prometheus reports, and reports up.

    A pod that is gone is answered for five minutes more: only those of now are asked about.
    """
    of = f'namespace="{namespace}",pod=~"{"|".join(names)}"'
    with prometheus_client() as prometheus:
        builds = prometheus.query(f"app_build_info{{{of}}} and on (namespace, pod) up{{{of}}} == 1")
    return {sample.labels["pod"]: sample.labels["revision"] for sample in builds}


def reports(namespace: str, revision: str) -> bool:
    """Say whether Prometheus reports a revision on every replica and nothing else; no answer is no."""
    try:
        names = [pod.name for pod in pods(namespace)]
        wanted = Deployment.get("flask-app", namespace=namespace).replicas
        told = reported(namespace, names)
    except NO_ANSWER:
        return False
    return len(names) == wanted and sorted(told) == sorted(names) and set(told.values()) == {revision}


def expect(namespace: str, revision: str) -> Live:
    """Wait until a revision is live on every replica, and nothing else; raise TimeoutError with what is instead."""
    seen: list[Live] = []

    def complaint() -> str:
        try:
            seen.append(live(namespace, revision))
        # A pod may go while it is asked, and a local port may be taken by another program before it is ours.
        except NO_ANSWER as error:
            return f"a replica, or Prometheus, did not answer: {error}"
        return seen[-1].complaint(revision)

    until(TIMEOUT, f"revision {revision[:12]} on every replica", complaint)
    return seen[-1]


@contextmanager
def forwarded(pod: Pod) -> Iterator[str]:
    """Forward a port to one pod, past any Service that would choose for us, and yield its URL."""
    with ExitStack() as stack:
        yield f"http://127.0.0.1:{open_port(stack, lambda: pod.portforward(remote_port=PORT, local_port='auto'))}"
