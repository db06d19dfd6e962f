"""Everything the links are judged by: the cluster as it was read, and what was answered when asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from doctor.objects import Object, belongs, labels, name, named, namespace
from doctor.selectors import matches
from doctor.values import every, paths

WORKLOADS = ("deployments", "statefulsets", "daemonsets")
MONITORS = ("servicemonitors", "podmonitors")


@dataclass(frozen=True)
class Names:
    """The release in question and the monitoring that should watch it."""

    release: str
    namespace: str
    monitoring_release: str
    monitoring_namespace: str


@dataclass(frozen=True)
class HelmRelease:
    """What Helm recorded of the newest revision."""

    revision: int
    status: str
    chart: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What an HTTP GET came back with: a status, or 0 and the reason why there was none."""

    status: int
    reason: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the kubelet would take it for healthy."""
        return 200 <= self.status < 400


@dataclass(frozen=True)
class ProbeAnswer:
    """What one container answered on the path of one of its probes, and which well-known paths answer instead."""

    pod: str
    container: str
    kind: str
    path: str
    port: int
    answer: Answer
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrometheusAnswers:
    """What Prometheus itself reports; `error` says why it could not be asked."""

    error: str = ""
    reloaded: bool = True
    targets: tuple[Object, ...] = ()
    groups: tuple[Object, ...] = ()
    metrics: frozenset[str] = frozenset()
    samples: Mapping[tuple[str, str], float] = field(default_factory=dict)
    parse_errors: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Evidence:
    """The snapshot: objects by kind, kinds that could not be read and why, and the answers."""

    names: Names
    helm: HelmRelease | None = None
    objects: dict[str, list[Object]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    probes: tuple[ProbeAnswer, ...] = ()
    prometheus: PrometheusAnswers = PrometheusAnswers(error="not asked")
    grafana: Answer | None = None
    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denied: tuple[str, ...] | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def all(self, kind: str) -> list[Object]:
        """Return every object of the kind that was read."""
        return self.objects.get(kind, [])

    def owned(self, kind: str) -> list[Object]:
        """Return the objects of the kind that Helm made for the release."""
        return [thing for thing in self.all(kind) if belongs(thing, self.names.release, self.names.namespace)]

    def workloads(self) -> Iterator[tuple[str, Object]]:
        """Yield the release's Deployments, StatefulSets and DaemonSets with their kind."""
        for kind in WORKLOADS:
            for workload in self.owned(kind):
                yield kind, workload

    def pods(self) -> list[Object]:
        """Return the live pods of the release's workloads."""
        return [pod for _, workload in self.workloads() for pod in self.pods_of(workload)]

    def pods_of(self, workload: Object) -> list[Object]:
        """Return the pods that the workload selects and that are not on their way out."""
        return [
            pod
            for pod in self.all("pods")
            if namespace(pod) == namespace(workload)
            and matches(workload["spec"]["selector"], labels(pod))
            and "deletionTimestamp" not in pod["metadata"]
            and pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")
        ]

    def monitors(self) -> list[Object]:
        """Return the release's ServiceMonitors and PodMonitors, those that others made for its Services included."""
        adopted = [
            monitor
            for monitor in self.all("servicemonitors")
            if monitor not in self.owned("servicemonitors")
            and any(self.selects(monitor, service) for service in self.owned("services"))
        ]
        return [monitor for kind in MONITORS for monitor in self.owned(kind)] + adopted

    def selects(self, monitor: Object, thing: Object) -> bool:
        """Tell whether a monitor's selector and namespaceSelector take a Service or pod."""
        return self.reaches(monitor, namespace(thing)) and matches(monitor["spec"]["selector"], labels(thing))

    @staticmethod
    def reaches(monitor: Object, wanted: str) -> bool:
        """Tell whether a monitor looks into a namespace; without a namespaceSelector it sees only its own."""
        selector = monitor["spec"].get("namespaceSelector") or {}
        return bool(selector.get("any")) or wanted in (selector.get("matchNames") or [namespace(monitor)])

    def prometheuses(self) -> list[Object]:
        """Return the Prometheus objects of the monitoring release, or all of its namespace if none names it."""
        there = [p for p in self.all("prometheuses") if namespace(p) == self.names.monitoring_namespace]
        release = self.names.monitoring_release
        ours = [p for p in there if belongs(p, release, self.names.monitoring_namespace) or named(p, release)]
        return ours or there

    @property
    def account(self) -> str:
        """Return the first Prometheus' service account as `namespace:name`."""
        account = self.prometheuses()[0]["spec"].get("serviceAccountName") or "default"
        return f"{namespace(self.prometheuses()[0])}:{account}"

    def prometheus_pods(self) -> list[Object]:
        """Return the pods of those Prometheus objects."""
        names = {name(prometheus) for prometheus in self.prometheuses()}
        return [
            pod
            for pod in self.all("pods")
            if namespace(pod) == self.names.monitoring_namespace
            and labels(pod).get("operator.prometheus.io/name") in names
        ]

    def events(self, thing: Object, reason: str) -> list[str]:
        """Return the messages of an object's events with that reason, newest first."""
        found = [
            event
            for event in self.all("events")
            if event["involvedObject"].get("name") == name(thing)
            and event["involvedObject"].get("namespace", namespace(thing)) == namespace(thing)
            and event["involvedObject"].get("kind") == thing.get("kind", event["involvedObject"].get("kind"))
            and event.get("reason") == reason
        ]
        found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), reverse=True)
        return [str(event.get("message", "")) for event in found]

    def namespace_labels(self, wanted: str) -> dict[str, str]:
        """Return a namespace's labels; the name, which every namespace carries, if they could not be read."""
        for thing in self.all("namespaces"):
            if name(thing) == wanted:
                return labels(thing)
        return {"kubernetes.io/metadata.name": wanted}

    def value_path(self, leaf: object) -> str:
        """Return the chart value, as `--set` names it, that holds `leaf`; empty if none or several do."""
        found = list(paths(self.helm.values, leaf)) if self.helm else []
        return found[0] if len(found) == 1 else ""

    def value_path_ending(self, ending: str) -> str:
        """Return the first chart value whose path ends so; empty if none does."""
        found = [path for path in every(self.helm.values) if f".{path}".endswith(f".{ending}")] if self.helm else []
        return found[0] if found else ""

    def upgrade(self, setting: str) -> str:
        """Return the command that sets one chart value and keeps the others."""
        names = self.names
        return f"helm upgrade {names.release} <chart> -n {names.namespace} --reuse-values --set {setting}"
