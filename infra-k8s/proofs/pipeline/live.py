"""What is live: the replicas' revisions as Prometheus and as the application itself tell them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import kr8s
from kr8s.objects import Deployment, Pod

from clients.kubernetes import pods, ready
from clients.monitoring import prometheus_pod
from clients.prometheus import Prometheus, until

PORT = 5000
PROMETHEUS_PORT = 9090
PATIENCE = 120  # seconds for Prometheus to take up the targets and scrape each: its reload and two intervals


@dataclass(frozen=True)
class Live:
    """The revision of each ready pod: as Prometheus has it, as /api/info says it, and as the page shows it."""

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
        with reached(pod, PORT) as url, httpx.Client(base_url=url, timeout=10) as http:
            info[pod.name] = str(http.get("/api/info").raise_for_status().json()["revision"])
            page[pod.name] = revision if revision in http.get("/").raise_for_status().text else "another revision"
    # A pod that is gone is answered for five minutes more: only those of now are asked about.
    of = f'namespace="{namespace}",pod=~"{"|".join(info)}"'
    with watched() as prometheus:
        builds = prometheus.query(f"app_build_info{{{of}}} and on (namespace, pod) up{{{of}}} == 1")
    told = {sample.labels["pod"]: sample.labels["revision"] for sample in builds}
    return Live(Deployment.get("flask-app", namespace=namespace).replicas, told, info, page)


def expect(namespace: str, revision: str) -> Live:
    """Wait until a revision is live on every replica, and nothing else; raise TimeoutError with what is instead."""
    seen: list[Live] = []

    def complaint() -> str:
        try:
            seen.append(live(namespace, revision))
        # A pod may go while it is asked, and a local port may be taken by another program before it is ours.
        except (httpx.HTTPError, kr8s.NotFoundError, kr8s.ConnectionClosedError, OSError) as error:
            return f"a replica, or Prometheus, did not answer: {error}"
        return seen[-1].complaint(revision)

    until(PATIENCE, f"revision {revision[:12]} on every replica", complaint)
    return seen[-1]


@contextmanager
def reached(pod: Pod, port: int) -> Iterator[str]:
    """Open a way to one pod, past any Service that would choose for us, and yield its URL."""
    with pod.portforward(remote_port=port, local_port="auto") as local:
        yield f"http://127.0.0.1:{local}"


@contextmanager
def watched() -> Iterator[Prometheus]:
    """Open a way to Prometheus."""
    with reached(prometheus_pod(), PROMETHEUS_PORT) as url:
        prometheus = Prometheus(url)
        try:
            yield prometheus
        finally:
            prometheus.close()
