"""Steady load, a blow, and what the load says of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kr8s.objects import Node, Pod, Service

from clients.helm import Release
from clients.kubernetes import SELECTOR, pods, ready
from clients.monitoring import prometheus_client
from clients.prometheus import Prometheus, until
from proofs.image import Image
from proofs.report import Proof
from release.load import Load

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
SERVICE = "flask-app"
REPLICAS = 2
RATE = 40
TIMEOUT = 5
LEAD_SECONDS = 3
TAIL_SECONDS = 3  # what a blow leaves behind shows at once: the load never pauses
LONGEST_SECONDS = 300
COUNT = 'sum by (pod) (http_requests_total{job="flask-app",namespace="%s",route=~"/|/api/info"} @ %s)'


@dataclass(frozen=True)
class Outcome:
    """What the load counted around one blow.

    `until_last_failure` is in seconds, to the moment in which its client gave it up; 0 if nothing failed.
    """

    sent: int
    failed: int
    slow: int
    until_last_failure: float


@dataclass(frozen=True)
class Scene:
    """The release under load, the node that is struck, and the one that load and Prometheus must be on."""

    release: Release
    image: Image
    keeper: str
    victim: str

    def values(self, **more: object) -> dict[str, object]:
        """Return the chart values of the release; everything else is the chart's own default."""
        return {
            **self.image.values,
            "faults.enabled": True,
            "faults.token": "chaos-needs-a-token-too",
            "serviceMonitor.interval": "5s",
            "serviceMonitor.scrapeTimeout": "4s",
            **more,
        }

    def under_load(self, proof: Proof, name: str, blow: Callable[[], object]) -> Outcome:
        """Strike in the midst of steady load, go on until everything is as before, and note what it cost."""
        self.settle()
        with self.load(name) as load:
            struck = self.strike(load, blow)
        return self.outcome(proof, load, struck)

    def strike(self, load: Load, blow: Callable[[], object]) -> float:
        """Strike, wait until everything is as before, and return when the blow came, by the clock of the load."""
        time.sleep(LEAD_SECONDS)
        struck = load.clock()
        blow()
        self.settle()
        time.sleep(TAIL_SECONDS)
        return struck

    @contextmanager
    def load(self, name: str, service: str = SERVICE) -> Iterator[Load]:
        """Send requests to a service meanwhile, from the node that is not struck."""
        arguments = ["--url", f"http://{service}:5000", "--rate", str(RATE), "--timeout", str(TIMEOUT)]
        arguments += ["--path", "/", "--path", "/api/info", "--seconds", str(LONGEST_SECONDS)]
        image = f"{self.image.repository}@{self.image.digest}"
        load = Load(self.release.namespace, name, image, arguments, node=self.keeper)
        load.start()
        try:
            yield load
            assert load.running(), f"the load was over too soon: {LONGEST_SECONDS} s are too short to prove anything"
        finally:
            load.stop()

    def outcome(self, proof: Proof, load: Load, struck: float) -> Outcome:
        """Return what a load counted around the moment of the blow, and note it."""
        raw = load.report(60).raw
        last = max(0.0, (raw["last_failure_felt"] or 0) - struck)
        outcome = Outcome(raw["sent"], raw["failed"], raw["slower_than_1s"], last)
        proof.saw(
            f"sent {outcome.sent} at {RATE}/s, failed {outcome.failed}, answered after more than 1 s {outcome.slow}, "
            + (f"last failure {last:.1f} s after the blow" if outcome.failed else "no failure")
        )
        for kind in sorted({f"{failure['kind']}: {failure['error']}" for failure in raw["failures"]}):
            proof.saw(kind)
        return outcome

    @contextmanager
    def nearby(self) -> Iterator[str]:
        """Make a second Service of the same pods that keeps callers on their node: service.trafficDistribution."""
        own = Service.get(SERVICE, namespace=self.release.namespace)
        spec = {"selector": own.spec.selector.to_dict(), "ports": [{"name": "web", "port": 5000, "targetPort": "web"}]}
        name = f"{SERVICE}-nearby"
        service = Service(
            {
                "metadata": {"name": name, "namespace": self.release.namespace},
                "spec": {**spec, "trafficDistribution": "PreferSameNode"},
            }
        )
        service.create()
        try:
            yield name
        finally:
            service.delete()

    def settle(self) -> None:
        """Wait until every replica is Ready and whatever had to go is gone."""

        def complaint() -> str:
            found = [pod for pod in self.everyone() if ready(pod) and "deletionTimestamp" not in pod.metadata]
            there = f"{len(found)} of {REPLICAS} pods Ready, {len(self.everyone())} in all"
            return "" if len(found) == len(self.everyone()) == REPLICAS else there

        until(150, "every replica", complaint)

    def everyone(self) -> list[Pod]:
        """Return the application's pods, those on their way out included."""
        found = Pod.list(namespace=self.release.namespace, label_selector=SELECTOR)
        return [pod for pod in found if isinstance(pod, Pod)]

    def spread(self) -> None:
        """Let the scheduler place a pod anew until one runs on the node that is struck."""
        for _ in range(3):
            if any(pod.spec["nodeName"] == self.victim for pod in pods(self.release.namespace)):
                return
            self.pod().delete()
            self.settle()
        raise AssertionError(f"the scheduler puts no pod on {self.victim}")

    def restarts(self) -> int:
        """Count the restarts of the replicas' containers."""
        return sum(int(pod.status["containerStatuses"][0]["restartCount"]) for pod in pods(self.release.namespace))

    def pod(self) -> Pod:
        """Return one of the replicas."""
        return pods(self.release.namespace)[0]

    def counted(self) -> float:
        """Ask Prometheus for the sum of the replicas' raw counters, once each was scraped after this call."""
        self.settle()
        begin = time.time()
        with prometheus_client() as prometheus:
            until(90, "a scrape of every replica", lambda: stale(prometheus, self.release.namespace, begin))
            samples = prometheus.query(COUNT % (self.release.namespace, "end()"))
        # Series of pods that are gone are answered for five minutes more.
        living = {pod.name for pod in pods(self.release.namespace)}
        return sum(sample.value for sample in samples if sample.labels["pod"] in living)


def stale(prometheus: Prometheus, namespace: str, since: float) -> str:
    """Complain unless every replica is up by a scrape that began after `since`, by Prometheus's own clock."""
    up = f'up{{job="flask-app",namespace="{namespace}"}}'
    scraped = prometheus.query(f"timestamp({up}) and {up} == 1")
    fresh = [sample for sample in scraped if sample.value > since]
    return "" if len(fresh) == REPLICAS else f"{len(fresh)} of {REPLICAS} replicas scraped"


def remembers(prometheus: Prometheus, namespace: str, moment: float) -> bool:
    """Tell whether Prometheus still knows what every replica had counted at a moment, in seconds since the epoch."""
    return len(prometheus.query(COUNT % (namespace, f"{moment:.3f}"))) >= REPLICAS


def nodes() -> list[str]:
    """Return the nodes' names: those of the control plane first, as they must not be struck."""
    found = [node for node in Node.list() if isinstance(node, Node)]
    return [node.name for node in sorted(found, key=lambda n: (CONTROL_PLANE not in n.labels, n.name))]


def node_ready(name: str) -> bool:
    """Say whether a node's kubelet reports."""
    conditions = Node.get(name).status["conditions"]
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
