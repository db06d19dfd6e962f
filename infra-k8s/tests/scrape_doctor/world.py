"""Foreign charts, rendered by Helm's engine, in clusters as healthy as a kubelet and a Prometheus would report them."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart

from scrape_doctor.chain import walk
from scrape_doctor.cluster import Cluster
from scrape_doctor.finding import State
from scrape_doctor.resolution import resolve
from scrape_doctor.resources.objects import Object
from scrape_doctor.resources.probes import PROBE_FIELDS
from scrape_doctor.scope import Scope, Target
from scrape_doctor.snapshot import HelmRelease, HttpAnswer, ProbeAnswer, PrometheusAnswers, Snapshot

CHARTS = Path(__file__).parent / "charts"
DRILLED = Path(__file__).resolve().parents[2] / "proofs" / "drills" / "charts"  # the drills install these in a cluster
PLURALS = {
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "Service": "services",
    "ConfigMap": "configmaps",
    "NetworkPolicy": "networkpolicies",
    "ServiceMonitor": "servicemonitors",
    "PodMonitor": "podmonitors",
    "Probe": "probes",
    "PrometheusRule": "prometheusrules",
}

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NOT_ASKED = PrometheusAnswers(error="not asked")


@dataclass
class World:
    """What a cluster holds and answers, to be changed by faults before the one snapshot is made of it."""

    scope: Scope
    helm: HelmRelease | None = None
    objects: dict[str, list[Object]] = field(default_factory=dict)
    forbidden: dict[str, str] = field(default_factory=dict)
    not_served: dict[str, str] = field(default_factory=dict)
    denied: tuple[str, ...] | None = None
    probes: tuple[ProbeAnswer, ...] = ()
    prometheus: PrometheusAnswers = NOT_ASKED
    grafana: HttpAnswer | None = None
    platforms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)

    def all(self, kind: str) -> list[Object]:
        """Return the objects of a kind, to be changed in place."""
        return self.objects.get(kind, [])

    def workloads(self) -> tuple[Object, ...]:
        return self.snapshot().subject.workloads

    def pods(self) -> tuple[Object, ...]:
        return self.snapshot().subject.pods

    def snapshot(self) -> Snapshot:
        """Return what would be read of this cluster now."""
        cluster = Cluster(self.objects, self.forbidden, self.not_served)
        found = resolve(cluster, self.scope)
        return Snapshot(
            scope=found.scope,
            cluster=cluster,
            subject=found.subject,
            monitoring=found.monitoring,
            helm=self.helm,
            denied=self.denied,
            probes=self.probes,
            prometheus=self.prometheus,
            grafana=self.grafana,
            platforms=self.platforms,
            secrets=self.secrets,
            now=NOW,
        )


@dataclass(frozen=True)
class Setting:
    """One foreign chart, where it is installed, and the monitoring that watches it."""

    chart: str
    scope: Scope
    prometheus: dict[str, Any]
    pool: str
    port: int
    path: str = "/metrics"
    namespace_labels: dict[str, str] = field(default_factory=dict)


SETTINGS = {
    setting.chart: setting
    for setting in (
        Setting(
            "ledger",
            Scope("books", "bank", "kps", "observability"),
            {"serviceMonitorSelector": {"matchLabels": {"release": "kps"}}},  # no namespace selector: its own only
            "serviceMonitor/observability/ledger/0",
            9187,
            "/stats",
        ),
        Setting(
            "courier",
            Scope("post", "mail", "stack", "mon"),
            {"podMonitorSelector": {}, "podMonitorNamespaceSelector": {}},
            "podMonitor/mail/courier/0",
            4000,
        ),
        Setting(
            "umbrella",
            Scope("car", "garage", "prom", "prom-system"),
            {
                "serviceMonitorSelector": {"matchLabels": {"release": "prom"}},
                "serviceMonitorNamespaceSelector": {},
                "ruleSelector": {"matchLabels": {"release": "prom"}},
                "ruleNamespaceSelector": {},
            },
            "serviceMonitor/garage/engine/0",
            8081,
        ),
        Setting(
            "choosy",
            Scope("shop", "store", "watcher", "watch"),
            {
                "serviceMonitorSelector": {
                    "matchExpressions": [{"key": "team", "operator": "In", "values": ["shop", "cafe"]}]
                },
                "serviceMonitorNamespaceSelector": {"matchLabels": {"watched": "true"}},
            },
            "serviceMonitor/store/choosy/0",
            3000,
            namespace_labels={"watched": "true"},
        ),
        Setting(  # a Probe, whose target is static and no pod
            "sentinel",
            Scope("sentinel", "lookout", "scout", "scouts", target=Target("probe", "sites")),
            {"probeSelector": {"matchLabels": {"release": "scout"}}, "probeNamespaceSelector": {}},
            "probe/lookout/sites",
            9115,
            "/probe",
        ),
    )
}


@cache
def rendered(chart: str, release: str, namespace: str) -> tuple[str, dict[str, Any]]:
    """Return a chart's manifests as one YAML text, and its values."""
    folder = next(folder for folder in (CHARTS, DRILLED) if (folder / chart).is_dir())
    with Chart.load(folder / chart) as loaded:
        manifests = loaded.render(name=release, namespace=namespace)
        return "\n---\n".join(manifests.values()), loaded.values


def healthy(chart: str) -> World:
    """Return a cluster in which the chart's whole chain holds."""
    setting = SETTINGS[chart]
    scope = setting.scope
    text, values = rendered(chart, scope.release, scope.namespace)
    world = World(scope, helm=HelmRelease(1, "deployed", f"{chart} 1.2.3", values))
    for thing in filter(None, yaml.safe_load_all(text)):
        thing["metadata"]["annotations"] = {
            "meta.helm.sh/release-name": scope.release,
            "meta.helm.sh/release-namespace": scope.namespace,
        }
        world.objects.setdefault(PLURALS[thing["kind"]], []).append(thing)
    world.objects["pods"] = [pod for workload in world.workloads() for pod in running(workload)]
    world.objects["pods"].append(prometheus_pod(scope))
    world.objects["nodes"] = [node("n1", "amd64"), node("n2", "arm64")]
    world.objects["namespaces"] = [
        space(scope.namespace, setting.namespace_labels),
        space(scope.monitoring_namespace, {}),
    ]
    world.objects["prometheuses"] = [
        {
            "kind": "Prometheus",
            "metadata": {
                "name": "p",
                "namespace": scope.monitoring_namespace,
                "labels": {"release": scope.monitoring_release},
            },
            "spec": deepcopy(setting.prometheus),
        }
    ]
    world.denied = ()
    world.probes = tuple(answers(world))
    world.prometheus = reports(world, setting)
    return world


def finding(world: World, link: str) -> tuple[State, str]:
    """Return the state and message of one link."""
    return next((each.finding.state, each.finding.message) for each in walk(world.snapshot()) if each.link.name == link)


def running(workload: Object) -> Iterator[Object]:
    """Yield the Ready pods that a controller would have made."""
    template = workload["spec"]["template"]
    for index in range(workload["spec"].get("replicas", 2)):
        containers = template["spec"]["containers"]
        yield {
            "kind": "Pod",
            "metadata": {
                "name": f"{workload['metadata']['name']}-{index}",
                "namespace": workload["metadata"]["namespace"],
                "labels": dict(template["metadata"]["labels"]),
            },
            "spec": {**template["spec"], "nodeName": "n1"},
            "status": {
                "phase": "Running",
                "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
                "containerStatuses": [
                    {
                        "name": c["name"],
                        "image": c["image"],
                        "imageID": "sha256:1",
                        "ready": True,
                        "restartCount": 0,
                        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
                        "lastState": {},
                    }
                    for c in containers
                ],
            },
        }


def prometheus_pod(scope: Scope) -> Object:
    """Return the pod that the operator makes for a Prometheus."""
    labels = {"operator.prometheus.io/name": "p", "app.kubernetes.io/name": "prometheus"}
    return {
        "kind": "Pod",
        "metadata": {"name": "prometheus-p-0", "namespace": scope.monitoring_namespace, "labels": labels},
        "spec": {"containers": [{"name": "prometheus", "ports": [{"name": "web", "containerPort": 9090}]}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def node(name: str, architecture: str) -> Object:
    """Return a node."""
    return {"metadata": {"name": name}, "status": {"nodeInfo": {"architecture": architecture}}}


def space(name: str, labels: dict[str, str]) -> Object:
    """Return a namespace, labelled with its name as Kubernetes does."""
    return {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name, **labels}}}


def answers(world: World) -> Iterator[ProbeAnswer]:
    """Yield a good answer for each HTTP probe."""
    for pod in world.pods():
        for container in pod["spec"]["containers"]:
            for kind, key in PROBE_FIELDS.items():
                if get := (container.get(key) or {}).get("httpGet"):
                    yield ProbeAnswer(pod["metadata"]["name"], container["name"], kind, get["path"], 1, HttpAnswer(200))


def reports(world: World, setting: Setting) -> PrometheusAnswers:
    """Return what a Prometheus that scrapes everything well reports."""
    static = setting.pool.startswith("probe/")
    targets: tuple[Object, ...] = tuple(
        {
            "scrapePool": setting.pool,
            "scrapeUrl": f"http://10.0.0.{index}:{setting.port}{setting.path}",
            "health": "up",
            "lastError": "",
            "labels": {"job": setting.chart, "instance": str(index)}
            | ({} if static else {"pod": pod["metadata"]["name"]}),
        }
        for index, pod in enumerate(world.pods())
    )
    groups = tuple(
        {
            "name": group["name"],
            "file": f"/etc/prometheus/rules/x/{rule['metadata']['namespace']}-{rule['metadata']['name']}-1234.yaml",
            "rules": [{"name": r["alert"], "query": r["expr"], "health": "ok", "alerts": []} for r in group["rules"]],
        }
        for rule in world.all("prometheusrules")
        for group in rule["spec"]["groups"]
    )
    samples = {(setting.chart, t["labels"]["instance"]): 12.0 for t in targets}
    return PrometheusAnswers(targets=targets, groups=groups, metrics=frozenset({"engine_revs_total"}), samples=samples)
