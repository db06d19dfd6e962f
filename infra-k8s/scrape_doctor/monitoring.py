"""The monitoring that should watch the subject: Prometheus and PrometheusAgent objects, their selectors and pods."""

from dataclasses import dataclass

from scrape_doctor.cluster import Cluster
from scrape_doctor.resources.monitors import PROMETHEUSES
from scrape_doctor.resources.objects import Object, labelled_with_release, labels, made_by_helm, name, namespace
from scrape_doctor.resources.selectors import matches
from scrape_doctor.scope import Scope
from scrape_doctor.subject import Subject

PROMETHEUS, SHARD = "operator.prometheus.io/name", "operator.prometheus.io/shard"  # labels of a Prometheus' pods
SELECTORS = {
    "ServiceMonitor": "serviceMonitor",
    "PodMonitor": "podMonitor",
    "Probe": "probe",
    "PrometheusRule": "rule",
}
AGENT = "prometheus-agent"  # app.kubernetes.io/name of an agent's pods


@dataclass(frozen=True)
class Monitoring:
    """The monitoring release's Prometheus objects.

    `watchers` are those that select one of the subject's monitors, or all where none does; `pods` are theirs.
    """

    prometheuses: tuple[Object, ...] = ()
    watchers: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()

    @property
    def account(self) -> str:
        """Return the first watcher's service account as `namespace:name`."""
        first = self.watchers[0]
        return f"{namespace(first)}:{first['spec'].get('serviceAccountName') or 'default'}"

    def only(self, watcher: Object) -> "Monitoring":
        """Return one of the watchers with its pods."""
        return Monitoring((watcher,), (watcher,), tuple(pod for pod in self.pods if _made(watcher, pod)))

    def shards(self) -> list[tuple[Object, list[Object]]]:
        """Return each watcher with the pods of one shard: they all know the same.

        An agent that runs as a DaemonSet scrapes on each node what is there, so that each pod is a shard of its own.
        """
        found: list[tuple[Object, list[Object]]] = []
        for prometheus in self.watchers:
            pods = [pod for pod in self.pods if _made(prometheus, pod)]
            if prometheus["spec"].get("mode") == "DaemonSet" and pods:
                found += [(prometheus, [pod]) for pod in pods]
                continue
            numbers = sorted({labels(pod).get(SHARD, "0") for pod in pods}) or ["0"]
            found += [(prometheus, [p for p in pods if labels(p).get(SHARD, "0") == number]) for number in numbers]
        return found


def _made(prometheus: Object, pod: Object) -> bool:
    """Tell whether a pod is one of a Prometheus or, where the pod says that it is an agent, of a PrometheusAgent."""
    is_agent = labels(pod).get("app.kubernetes.io/name") == AGENT
    same = labels(pod).get(PROMETHEUS) == name(prometheus) and namespace(pod) == namespace(prometheus)
    return same and is_agent == (prometheus["kind"] == "PrometheusAgent")


def of_scope(cluster: Cluster, scope: Scope, subject: Subject) -> Monitoring:
    """Return the Prometheus objects of the monitoring release, or all of its namespace if none names the release.

    Without a namespace of the monitoring they are all of the cluster.
    """
    target = subject.target
    if target is not None and target["kind"] in ("Prometheus", "PrometheusAgent"):
        return Monitoring((target,), (target,), tuple(pod for pod in cluster.all("pods") if _made(target, pod)))
    everywhere = [thing for kind in PROMETHEUSES for thing in cluster.all(kind)]
    there = [p for p in everywhere if scope.monitoring_namespace in ("", namespace(p))]
    release = scope.monitoring_release
    own = [
        p for p in there if made_by_helm(p, release, scope.monitoring_namespace) or labelled_with_release(p, release)
    ]
    prometheuses = tuple(own or there)
    watchers = tuple(p for p in prometheuses if any(selects(cluster, p, monitor) for monitor in subject.monitors))
    watchers = watchers or prometheuses
    pods = (pod for pod in cluster.all("pods") if PROMETHEUS in labels(pod))
    return Monitoring(
        prometheuses, watchers, tuple(pod for pod in pods if any(_made(watcher, pod) for watcher in watchers))
    )


def selects(cluster: Cluster, prometheus: Object, thing: Object) -> bool:
    """Tell whether a Prometheus object's selectors select a monitor or rule."""
    kind = SELECTORS[str(thing["kind"])]
    namespaces = prometheus["spec"].get(f"{kind}NamespaceSelector")
    is_near = namespace(thing) == namespace(prometheus)
    covered = is_near if namespaces is None else matches(namespaces, cluster.namespace_labels(namespace(thing)))
    return covered and matches(prometheus["spec"].get(f"{kind}Selector"), labels(thing))
