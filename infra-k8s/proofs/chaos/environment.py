"""The environment of a disturbance: a release under steady load, on two nodes."""

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
from proofs.recording import Proof
from release.load import Load

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
SERVICE = "flask-app"
REPLICAS = 2
RATE = 40
TIMEOUT = 5
LEAD_SECONDS = 3
TAIL_SECONDS = 3  # the load never pauses, so a late failure shows within this time
LONGEST_SECONDS = 300
COUNT = 'sum by (pod) (http_requests_total{job="flask-app",namespace="%s",route=~"/|/api/info"} @ %s)'


@dataclass(frozen=True)
class Outcome:
    """What the load counted around one disturbance.

    `until_last_failure`: seconds from the disturbance until the client gave up the last failed request; 0 without one.
    """

    sent: int
    failed: int
    slow: int
    until_last_failure: float


@dataclass(frozen=True)
class Environment:
    """The release under load, the node that is stopped or drained, and the node of the load and of Prometheus."""

    release: Release
    image: Image
    load_node: str
    target_node: str

    def values(self, **more: object) -> dict[str, object]:
        """Return the values of the release; every other value is the chart's default."""
        return {
            **self.image.values,
            "faults.enabled": True,
            "faults.token": "chaos-fault-token",
            "serviceMonitor.interval": "5s",
            "serviceMonitor.scrapeTimeout": "4s",
            **more,
        }

    def disturb(self, proof: Proof, name: str, disturbance: Callable[[], object]) -> Outcome:
        """Cause a disturbance under steady load, continue until every replica is Ready, and record the outcome."""
        self.wait_until_ready()
        with self.load(name) as load:
            injected = self.inject(load, disturbance)
        return self.outcome(proof, load, injected)

    def inject(self, load: Load, disturbance: Callable[[], object]) -> float:
        """Cause a disturbance, wait until every replica is Ready, and return its time by the clock of the load."""
        time.sleep(LEAD_SECONDS)
        injected = load.clock()
        disturbance()
        self.wait_until_ready()
        time.sleep(TAIL_SECONDS)
        return injected

    @contextmanager
    def load(self, name: str, service: str = SERVICE) -> Iterator[Load]:
        """Send requests to a service from the load node while the block runs."""
        arguments = ["--url", f"http://{service}:5000", "--rate", str(RATE), "--timeout", str(TIMEOUT)]
        arguments += ["--path", "/", "--path", "/api/info", "--seconds", str(LONGEST_SECONDS)]
        image = f"{self.image.repository}@{self.image.digest}"
        load = Load(self.release.namespace, name, image, arguments, node=self.load_node)
        load.start()
        try:
            yield load
            assert load.running(), (
                f"the load ended after {LONGEST_SECONDS} s, during the disturbance: it proves nothing"
            )
        finally:
            load.stop()

    def outcome(self, proof: Proof, load: Load, injected: float) -> Outcome:
        """Return what a load counted around the time of the disturbance, and record it."""
        raw = load.report(60).raw
        last = max(0.0, (raw["last_failure_felt"] or 0) - injected)
        outcome = Outcome(raw["sent"], raw["failed"], raw["slower_than_1s"], last)
        proof.note(
            f"sent {outcome.sent} at {RATE}/s, failed {outcome.failed}, answered after more than 1 s {outcome.slow}, "
            + (f"last failure {last:.1f} s after the fault" if outcome.failed else "no failure")
        )
        for kind in sorted({f"{failure['kind']}: {failure['error']}" for failure in raw["failures"]}):
            proof.note(kind)
        return outcome

    @contextmanager
    def same_node_service(self) -> Iterator[str]:
        """Create a second Service of the same pods whose clients stay on their node: service.trafficDistribution."""
        own = Service.get(SERVICE, namespace=self.release.namespace)
        spec = {"selector": own.spec.selector.to_dict(), "ports": [{"name": "web", "port": 5000, "targetPort": "web"}]}
        name = f"{SERVICE}-same-node"
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

    def wait_until_ready(self) -> None:
        """Wait until every replica is Ready and every other pod is deleted."""

        def complaint() -> str:
            found = self.all_pods()
            serving = [pod for pod in found if ready(pod) and "deletionTimestamp" not in pod.metadata]
            state = f"{len(serving)} of {REPLICAS} pods Ready, {len(found)} in all"
            return "" if len(serving) == len(found) == REPLICAS else state

        until(150, "every replica", complaint)

    def all_pods(self) -> list[Pod]:
        """Return the application's pods, including those that are being deleted."""
        found = Pod.list(namespace=self.release.namespace, label_selector=SELECTOR)
        return [pod for pod in found if isinstance(pod, Pod)]

    def spread(self) -> None:
        """Delete a pod until the scheduler places one on the target node."""
        for _ in range(3):
            if any(pod.spec["nodeName"] == self.target_node for pod in pods(self.release.namespace)):
                return
            self.pod().delete()
            self.wait_until_ready()
        raise AssertionError(f"the scheduler places no pod on {self.target_node}")

    def restarts(self) -> int:
        """Count the restarts of the replicas' containers."""
        return sum(int(pod.status["containerStatuses"][0]["restartCount"]) for pod in pods(self.release.namespace))

    def moved_replicas(self) -> int:
        """Count the Ready replicas that are not on the target node."""
        replicas = pods(self.release.namespace)
        return sum(ready(pod) and pod.spec["nodeName"] != self.target_node for pod in replicas)

    def wait_until_moved(self) -> None:
        """Wait until every replica is Ready on another node than the target."""

        def complaint() -> str:
            moved = self.moved_replicas()
            return "" if moved == REPLICAS else f"{moved} Ready"

        until(90, "pods on the other node", complaint)

    def pod(self) -> Pod:
        """Return one of the replicas."""
        return pods(self.release.namespace)[0]

    def counted(self) -> float:
        """Return the sum of the replicas' request counters in Prometheus, each scraped after this call."""
        self.wait_until_ready()
        begin = time.time()
        with prometheus_client() as prometheus:
            until(90, "a scrape of every replica", lambda: missing_scrapes(prometheus, self.release.namespace, begin))
            samples = prometheus.query(COUNT % (self.release.namespace, "end()"))
        # Prometheus returns series of deleted pods for five minutes more.
        current = {pod.name for pod in pods(self.release.namespace)}
        return sum(sample.value for sample in samples if sample.labels["pod"] in current)


def missing_scrapes(prometheus: Prometheus, namespace: str, since: float) -> str:
    """Return a complaint unless every replica is up by a scrape that began after `since`, by Prometheus's clock."""
    up = f'up{{job="flask-app",namespace="{namespace}"}}'
    scraped = prometheus.query(f"timestamp({up}) and {up} == 1")
    fresh = [sample for sample in scraped if sample.value > since]
    return "" if len(fresh) == REPLICAS else f"{len(fresh)} of {REPLICAS} replicas scraped"


def has_samples(prometheus: Prometheus, namespace: str, moment: float) -> bool:
    """Return whether Prometheus has every replica's count at a moment, in seconds since the epoch."""
    return len(prometheus.query(COUNT % (namespace, f"{moment:.3f}"))) >= REPLICAS


def nodes() -> list[str]:
    """Return the nodes' names; nodes of the control plane come first, they must not be stopped."""
    found = [node for node in Node.list() if isinstance(node, Node)]
    return [node.name for node in sorted(found, key=lambda n: (CONTROL_PLANE not in n.labels, n.name))]
