"""The dashboards: each ConfigMap of the subject that holds one is valid JSON, and Grafana's sidecar loads it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources.dashboards import LABEL, VALUE, files, is_dashboard
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check the ConfigMaps of the subject that hold dashboards."""
    if snapshot.scope.is_release and snapshot.cluster.may_not_list("configmaps", snapshot.scope.namespace):
        return needs(f"list configmaps in namespace {snapshot.scope.namespace}")
    things = [thing for thing in snapshot.subject.configmaps if is_dashboard(thing)]
    if not things:
        return skipped("it has no dashboard")
    sidecars = sidecars_of(snapshot)
    for thing in things:
        if (found := unreadable(thing) or not_loaded(snapshot, thing, sidecars)) is not None:
            return found
    return ok(", ".join(name(thing) for thing in things) + f" labelled {sidecars[0].key}={sidecars[0].value}")


def unreadable(thing: Object) -> Finding | None:
    """Find a file that is not JSON."""
    for file, text in files(thing):
        try:
            json.loads(text)
        except ValueError as error:
            return broken(
                "dashboard-json",
                f"{file} in ConfigMap {name(thing)} is not JSON: {error}",
                fix="generate the dashboard again and upgrade the release",
                about=thing,
            )
    return None


def not_loaded(snapshot: Snapshot, thing: Object, sidecars: Sequence["Sidecar"]) -> Finding | None:
    """Find why no Grafana's sidecar loads a dashboard."""
    if any(sidecar.loads(thing) for sidecar in sidecars):
        return None
    first, scope = sidecars[0], snapshot.scope
    if not any(sidecar.matches(labels(thing)) for sidecar in sidecars):
        return broken(
            "dashboard-label",
            f"ConfigMap {name(thing)} lacks the label {first.key}={first.value} that Grafana's sidecar looks for",
            f"labels: {', '.join(f'{k}={v}' for k, v in labels(thing).items())}",
            fix=f"kubectl -n {namespace(thing)} label configmap {name(thing)} {first.key}={first.value or '1'} "
            "--overwrite",
            about=thing,
        )
    return broken(
        "dashboard-namespace",
        f"Grafana's sidecar does not look into namespace {namespace(thing)}, where ConfigMap {name(thing)} is",
        f"it looks into {', '.join(first.namespaces)}",
        fix=f"helm upgrade {scope.monitoring_release} prometheus-community/kube-prometheus-stack "
        f"-n {scope.monitoring_namespace} --reuse-values --set grafana.sidecar.dashboards.searchNamespace=ALL",
    )


@dataclass(frozen=True)
class Sidecar:
    """A sidecar that loads the ConfigMaps with a label into Grafana; an empty value matches any."""

    key: str
    value: str
    namespaces: tuple[str, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether it selects a ConfigMap with these labels."""
        return self.key in labels and (not self.value or labels[self.key] == self.value)

    def loads(self, thing: Object) -> bool:
        """Tell whether it loads a ConfigMap."""
        return self.matches(labels(thing)) and bool({"ALL", namespace(thing)} & set(self.namespaces))


def sidecars_of(snapshot: Snapshot) -> list[Sidecar]:
    """Return the dashboard sidecars of the monitoring namespace; where none runs, the stack's own defaults."""
    found = []
    for pod in snapshot.cluster.all("pods"):
        for container in pod["spec"]["containers"] if namespace(pod) == snapshot.scope.monitoring_namespace else []:
            env = {each["name"]: str(each.get("value", "")) for each in container.get("env") or []}
            if "dashboard" in container["name"] and "LABEL" in env:
                namespaces = env.get("NAMESPACE") or namespace(pod)
                found.append(Sidecar(env["LABEL"], env.get("LABEL_VALUE", ""), tuple(namespaces.split(","))))
    return found or [Sidecar(LABEL, VALUE, ("ALL",))]
