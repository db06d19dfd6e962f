"""Read manifests in place of a cluster. No pod runs yet: each workload's template is taken for its pod."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import yaml

from scrape_doctor.cluster import Cluster
from scrape_doctor.errors import CannotExamine
from scrape_doctor.resolution import resolve, targets_of
from scrape_doctor.resources.objects import Object, annotations, name, namespace
from scrape_doctor.resources.pods import WORKLOADS
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

PLURALS = {
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "Pod": "pods",
    "Service": "services",
    "ServiceMonitor": "servicemonitors",
    "PodMonitor": "podmonitors",
    "Probe": "probes",
    "Ingress": "ingresses",
    "Prometheus": "prometheuses",
    "PrometheusAgent": "prometheusagents",
    "Namespace": "namespaces",
}


def read(path: str, stdin: TextIO, scope: Scope, prometheus_labels: Mapping[str, str]) -> list[Snapshot]:
    """Return a snapshot of each monitor, and of each Service that looks scraped, of a file or, for `-`, of stdin.

    `prometheus_labels` are what Prometheus wants of a monitor; without them a Prometheus among the manifests decides.

    Raises:
        CannotExamine: if the file cannot be read or is no manifest, with its line; if it has no target.
    """
    source = "stdin" if path == "-" else path
    try:
        text = stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CannotExamine(f"{source} cannot be read: {error}") from error
    cluster = parse(text, source, scope.namespace or "default", prometheus_labels)
    found = [resolve(cluster, target) for target in targets_of(cluster, scope)]
    return [Snapshot(each.scope, cluster, each.subject, each.monitoring) for each in found]


def parse(text: str, source: str, default_namespace: str, prometheus_labels: Mapping[str, str]) -> Cluster:
    """Return the objects of a YAML text, those of Lists among them and Helm's hooks left out.

    Raises:
        CannotExamine: if it is no YAML, or holds something that is no Kubernetes object.
    """
    objects: dict[str, list[Object]] = {}
    for thing in documents(text, source):
        plural = PLURALS.get(thing["kind"])
        if plural is None or "helm.sh/hook" in annotations(thing):
            continue
        if plural != "namespaces":
            thing["metadata"].setdefault("namespace", default_namespace)
        objects.setdefault(plural, []).append(thing)
    workloads = [workload for kind in WORKLOADS for workload in objects.get(kind, [])]
    objects["pods"] = [*objects.get("pods", []), *map(pod_of_template, workloads)]
    if prometheus_labels:
        objects["prometheuses"] = [prometheus_that_wants(prometheus_labels, default_namespace)]
    return Cluster(objects)


def documents(text: str, source: str) -> Iterator[Object]:
    """Yield every object of a YAML text, those of Lists too.

    Raises:
        CannotExamine: if it is no YAML, or holds something that is no Kubernetes object.
    """
    try:
        found = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CannotExamine(f"{source}{line} is not YAML: {reason}") from error
    while found:
        document: Any = found.pop(0)
        if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
            found[:0] = document["items"] or []
        elif is_object(document):
            yield document
        else:
            shown = str(document)[:60].replace("\n", " ")
            raise CannotExamine(f"{source} holds something that is no Kubernetes object: {shown}")


def is_object(document: Any) -> bool:
    """Tell whether a document has the kind and the name that every object has."""
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        return False
    return bool(document.get("kind")) and bool(document["metadata"].get("name"))


def pod_of_template(workload: Object) -> Object:
    """Return the pod that a workload would make, by the workload's name."""
    template = workload["spec"]["template"]
    metadata = {**(template.get("metadata") or {}), "name": name(workload), "namespace": namespace(workload)}
    return {"kind": "Pod", "metadata": metadata, "spec": template["spec"], "status": {}}


def prometheus_that_wants(labels: Mapping[str, str], wanted_namespace: str) -> Object:
    """Return a Prometheus that selects the monitors with these labels, in every namespace."""
    spec: dict[str, object] = {}
    for kind in ("serviceMonitor", "podMonitor", "probe"):
        spec |= {f"{kind}Selector": {"matchLabels": dict(labels)}, f"{kind}NamespaceSelector": {}}
    return {
        "kind": "Prometheus",
        "metadata": {"name": "of --prometheus-selector", "namespace": wanted_namespace},
        "spec": spec,
    }
