"""Read manifests in place of a cluster. No pod runs yet: each workload's template is taken for its pod."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import yaml

from scrape_doctor.cluster import Cluster
from scrape_doctor.errors import CannotExamine
from scrape_doctor.read import shape
from scrape_doctor.resolution import resolve, targets_of
from scrape_doctor.resources.objects import Object, annotations, name, namespace
from scrape_doctor.resources.pods import WORKLOADS
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

CORE, APPS, OPERATOR = "", "apps", "monitoring.coreos.com"
# A kind is known by its API group too: Knative's Service and Azure's ServiceMonitor are others.
PLURALS = {
    (APPS, "Deployment"): "deployments",
    (APPS, "StatefulSet"): "statefulsets",
    (APPS, "DaemonSet"): "daemonsets",
    (CORE, "Pod"): "pods",
    (CORE, "Service"): "services",
    (CORE, "ConfigMap"): "configmaps",
    (CORE, "Namespace"): "namespaces",
    ("networking.k8s.io", "Ingress"): "ingresses",
    (OPERATOR, "ServiceMonitor"): "servicemonitors",
    (OPERATOR, "PodMonitor"): "podmonitors",
    (OPERATOR, "Probe"): "probes",
    (OPERATOR, "PrometheusRule"): "prometheusrules",
    (OPERATOR, "Prometheus"): "prometheuses",
    (OPERATOR, "PrometheusAgent"): "prometheusagents",
}
GROUPS = {kind: group for group, kind in PLURALS}
VERSIONS = {OPERATOR: ("v1", "v1alpha1")}  # of the group whose kinds have changed between versions


def read(path: str, stdin: TextIO) -> str:
    """Return the text of a file or, for `-`, of stdin.

    Raises:
        CannotExamine: if it cannot be read.
    """
    try:
        return stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CannotExamine(f"{source_of(path)} cannot be read: {error}") from error


def source_of(path: str) -> str:
    """Return what errors call a file."""
    return "stdin" if path == "-" else path


def snapshots(text: str, source: str, scope: Scope, prometheus_labels: Mapping[str, str]) -> list[Snapshot]:
    """Return a snapshot of each monitor, rule and dashboard, and of each Service that looks scraped, of a text.

    `prometheus_labels` are what Prometheus wants of a monitor; without them a Prometheus among the manifests decides.

    Raises:
        CannotExamine: if it is no manifest, with its line; if it has no target.
    """
    cluster = parse(text, source, scope.namespace or "default", prometheus_labels)
    found = [resolve(cluster, target) for target in targets_of(cluster, scope)]
    return [Snapshot(each.scope, cluster, each.subject, each.monitoring) for each in found]


def parse(text: str, source: str, default_namespace: str, prometheus_labels: Mapping[str, str]) -> Cluster:
    """Return the objects of a YAML text, those of Lists among them and Helm's hooks left out.

    Raises:
        CannotExamine: if it is no YAML, or holds something that is no Kubernetes object or one of another version.
    """
    objects: dict[str, list[Object]] = {}
    for line, thing in documents(text, source):
        plural = plural_of(thing, f"{source}, line {line}")
        if plural is None or "helm.sh/hook" in annotations(thing):
            continue
        if missing := shape.missing(thing):
            raise CannotExamine(f"{source}, line {line}: {thing['kind']} {name(thing)} {missing}")
        if plural != "namespaces":
            thing["metadata"].setdefault("namespace", default_namespace)
        objects.setdefault(plural, []).append(thing)
    workloads = [workload for kind in WORKLOADS for workload in objects.get(kind, [])]
    objects["pods"] = [*objects.get("pods", []), *map(pod_of_template, workloads)]
    if prometheus_labels:
        objects["prometheuses"] = [prometheus_that_wants(prometheus_labels, default_namespace)]
        objects.pop("prometheusagents", None)
    return Cluster(objects)


def plural_of(thing: Object, where: str) -> str | None:
    """Return the plural of an object's kind, None if it is none that is examined; without a version it is believed.

    Raises:
        CannotExamine: if it is of a version that is not known.
    """
    group, _, version = str(thing.get("apiVersion", "")).rpartition("/")
    kind = str(thing["kind"])
    if "apiVersion" not in thing:
        group = GROUPS.get(kind, "")
    plural = PLURALS.get((group, kind))
    known = VERSIONS.get(group, (version,))
    if plural is not None and version and version not in known:
        raise CannotExamine(
            f"{where}: {kind} {name(thing)} is of {group}/{version}, which the doctor does not know: "
            f"it knows {' and '.join(known)}"
        )
    return plural


def documents(text: str, source: str) -> Iterator[tuple[int, Object]]:
    """Yield every object of a YAML text, those of Lists too, with the line where its document begins.

    Raises:
        CannotExamine: if it is no YAML, or holds something that is no Kubernetes object.
    """
    for line, document in parsed(text, source):
        found = [document]
        while found:
            thing: Any = found.pop(0)
            if isinstance(thing, dict) and str(thing.get("kind", "")).endswith("List") and "items" in thing:
                found[:0] = thing["items"] or []
            elif is_object(thing):
                yield line, thing
            elif thing is not None:
                shown = str(thing)[:60].replace("\n", " ")
                raise CannotExamine(f"{source}, line {line} holds something that is no Kubernetes object: {shown}")


def parsed(text: str, source: str) -> Iterator[tuple[int, Any]]:
    """Yield every document of a YAML text with its first line.

    Raises:
        CannotExamine: if it is no YAML, with the line.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        while loader.check_node():
            node: Any = loader.get_node()
            yield node.start_mark.line + 1, loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CannotExamine(f"{source}{line} is not YAML: {reason}") from error
    finally:
        loader.dispose()


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
    """Return a Prometheus that selects the monitors with these labels, and any rule, in every namespace."""
    spec: dict[str, object] = {"ruleSelector": {}, "ruleNamespaceSelector": {}}
    for kind in ("serviceMonitor", "podMonitor", "probe"):
        spec |= {f"{kind}Selector": {"matchLabels": dict(labels)}, f"{kind}NamespaceSelector": {}}
    return {
        "kind": "Prometheus",
        "metadata": {"name": "of --prometheus-selector", "namespace": wanted_namespace},
        "spec": spec,
    }
