"""Everything the links are judged by: the cluster as it was read, and what was answered when asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrape_doctor.objects import Object, belongs, labels, name, named, namespace
from scrape_doctor.selectors import matches, names_labels
from scrape_doctor.values import every, paths

WORKLOADS = ("deployments", "statefulsets", "daemonsets")
PROMETHEUS, SHARD = "operator.prometheus.io/name", "operator.prometheus.io/shard"  # labels of a Prometheus' pods
MONITORS = ("servicemonitors", "podmonitors")
SELECTORS = {"ServiceMonitor": "serviceMonitor", "PodMonitor": "podMonitor", "PrometheusRule": "rule"}


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
    """The snapshot: objects by kind, the answers, and what could not be had.

    `closed` are kinds that we may not read, `unknown` those that the cluster does not serve, each with the API server's
    words; `denied` is what Prometheus' account may not list, None if that could not be asked.
    """

    names: Names
    helm: HelmRelease | None = None
    objects: dict[str, list[Object]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
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

    def workload_of(self, pod: Object) -> tuple[str, Object]:
        """Return the kind and the object of the release's workload that a pod belongs to."""
        return next((kind, workload) for kind, workload in self.workloads() if pod in self.pods_of(workload))

    def pods_behind(self, service: Object) -> list[Object]:
        """Return the pods that a Service selects and that are not on their way out."""
        wanted = {"matchLabels": service["spec"].get("selector") or {}}
        return [
            pod
            for pod in self.all("pods")
            if service["spec"].get("selector")
            and namespace(pod) == namespace(service)
            and matches(wanted, labels(pod))
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def services(self) -> list[Object]:
        """Return the Services that Helm made for the release, and those that others made for its pods."""
        owned, pods = self.owned("services"), self.pods()
        others = [service for service in self.all("services") if service not in owned]
        return owned + [service for service in others if any(pod in pods for pod in self.pods_behind(service))]

    def monitors(self) -> list[Object]:
        """Return the release's ServiceMonitors and PodMonitors; where it has none, those that others made for it."""
        own = [monitor for kind in MONITORS for monitor in self.owned(kind)]
        return own or [monitor for kind in MONITORS for monitor in self.all(kind) if self.meant(monitor)]

    def meant(self, monitor: Object) -> bool:
        """Tell whether a monitor was made for the release: it takes some of it, by labels and not just everything."""
        return names_labels(monitor["spec"]["selector"]) and bool(self.chosen(monitor))

    def offered(self, monitor: Object) -> list[Object]:
        """Return what the release has for a monitor of that kind to take: pods or Services."""
        return self.pods() if monitor["kind"] == "PodMonitor" else self.services()

    def chosen(self, monitor: Object) -> list[Object]:
        """Return those of them that a monitor takes."""
        return [thing for thing in self.offered(monitor) if self.selects(monitor, thing)]

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

    def watchers(self) -> list[Object]:
        """Return the Prometheus objects that take a monitor of the release; all of them where none does."""
        takers = [p for p in self.prometheuses() if any(self.takes(p, monitor) for monitor in self.monitors())]
        return takers or self.prometheuses()

    def takes(self, prometheus: Object, thing: Object) -> bool:
        """Tell whether a Prometheus object's selectors take a monitor or rule."""
        kind = SELECTORS[str(thing["kind"])]
        spaces = prometheus["spec"].get(f"{kind}NamespaceSelector")
        near = namespace(thing) == namespace(prometheus)
        looks = near if spaces is None else matches(spaces, self.namespace_labels(namespace(thing)))
        return looks and matches(prometheus["spec"].get(f"{kind}Selector"), labels(thing))

    @property
    def account(self) -> str:
        """Return the first of those Prometheus' service accounts as `namespace:name`."""
        first = self.watchers()[0]
        return f"{namespace(first)}:{first['spec'].get('serviceAccountName') or 'default'}"

    def shards(self) -> list[tuple[Object, list[Object]]]:
        """Return each of those Prometheus objects with the pods of one shard: they all know the same."""
        found = []
        for prometheus in self.watchers():
            pods = [pod for pod in self.prometheus_pods() if labels(pod)[PROMETHEUS] == name(prometheus)]
            numbers = sorted({labels(pod).get(SHARD, "0") for pod in pods}) or ["0"]
            found += [(prometheus, [p for p in pods if labels(p).get(SHARD, "0") == number]) for number in numbers]
        return found

    def prometheus_pods(self) -> list[Object]:
        """Return the pods of those Prometheus objects."""
        names = {name(prometheus) for prometheus in self.watchers()}
        return [
            pod
            for pod in self.all("pods")
            if namespace(pod) == self.names.monitoring_namespace and labels(pod).get(PROMETHEUS) in names
        ]

    def events(self, thing: Object, reason: str, container: str = "") -> list[str]:
        """Return the messages of an object's events with that reason, newest first; a pod's of one container only."""
        found = [
            event
            for event in self.all("events")
            if event["involvedObject"].get("name") == name(thing)
            and event["involvedObject"].get("namespace", namespace(thing)) == namespace(thing)
            and event["involvedObject"].get("kind") == thing.get("kind", event["involvedObject"].get("kind"))
            and event.get("reason") == reason
            and (
                not container
                or event["involvedObject"].get("fieldPath", f"{{{container}}}").endswith(f"{{{container}}}")
            )
        ]
        found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), reverse=True)
        return [str(event.get("message", "")) for event in found]

    def namespace_labels(self, wanted: str) -> dict[str, str]:
        """Return a namespace's labels; the name, which every namespace carries, if they could not be read."""
        for thing in self.all("namespaces"):
            if name(thing) == wanted:
                return labels(thing)
        return {"kubernetes.io/metadata.name": wanted}

    def labels_known(self, wanted: str) -> bool:
        """Tell whether a namespace's labels could be read."""
        return any(name(thing) == wanted for thing in self.all("namespaces"))

    def value_path(self, leaf: object, about: str = "") -> str:
        """Return the chart value, as `--set` names it, that holds `leaf`; of several the one whose path is `about` it.

        Empty if there is none, or no single one.
        """
        found = list(paths(self.helm.values, leaf)) if self.helm else []
        if len(found) > 1:
            found = [path for path in found if about and about.lower() in path.lower()]
        return found[0] if len(found) == 1 else ""

    def value_path_ending(self, ending: str) -> str:
        """Return the first chart value whose path ends so; empty if none does."""
        found = [path for path in every(self.helm.values) if f".{path}".endswith(f".{ending}")] if self.helm else []
        return found[0] if found else ""

    def upgrade(self, setting: str) -> str:
        """Return the command that sets one chart value and keeps the others."""
        names = self.names
        return f"helm upgrade {names.release} <chart> -n {names.namespace} --reuse-values --set {setting}"

    def rollback(self) -> str:
        """Return the command that goes back to the revision before."""
        return f"helm rollback {self.names.release} -n {self.names.namespace}"
