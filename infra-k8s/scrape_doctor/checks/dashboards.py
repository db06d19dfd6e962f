"""The dashboards: each ConfigMap of the release that holds one is valid JSON and picked up by Grafana's sidecar."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import Object, labels, name, namespace

LABEL, VALUE = "grafana_dashboard", "1"  # the stack's own, where no sidecar says otherwise


def check(evidence: Evidence) -> Finding:
    """Judge the ConfigMaps of the release that hold dashboards."""
    if "configmaps" in evidence.closed:
        return skipped(f"ConfigMaps may not be read: {evidence.closed['configmaps']}")
    things = [thing for thing in evidence.owned("configmaps") if looks_like_dashboard(thing)]
    if not things:
        return skipped("the release has no dashboard")
    sidecars = pickers(evidence)
    for thing in things:
        if (found := unreadable(thing) or unpicked(evidence, thing, sidecars)) is not None:
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
            )
    return None


def unpicked(evidence: Evidence, thing: Object, sidecars: Sequence["Picker"]) -> Finding | None:
    """Find why no sidecar of a Grafana there picks a dashboard up."""
    if any(sidecar.takes(thing) for sidecar in sidecars):
        return None
    first, names = sidecars[0], evidence.names
    if not any(sidecar.wants(labels(thing)) for sidecar in sidecars):
        return broken(
            "dashboard-label",
            f"ConfigMap {name(thing)} lacks the label {first.key}={first.value} that Grafana's sidecar looks for",
            f"labels: {', '.join(f'{k}={v}' for k, v in labels(thing).items())}",
            fix=f"kubectl -n {namespace(thing)} label configmap {name(thing)} {first.key}={first.value or '1'} "
            "--overwrite",
        )
    return broken(
        "dashboard-namespace",
        f"Grafana's sidecar does not look into namespace {namespace(thing)}, where ConfigMap {name(thing)} is",
        f"it looks into {', '.join(first.spaces)}",
        fix=f"helm upgrade {names.monitoring_release} prometheus-community/kube-prometheus-stack "
        f"-n {names.monitoring_namespace} --reuse-values --set grafana.sidecar.dashboards.searchNamespace=ALL",
    )


@dataclass(frozen=True)
class Picker:
    """A sidecar that hands Grafana the ConfigMaps with a label, of any value if that is empty, in some namespaces."""

    key: str
    value: str
    spaces: tuple[str, ...]

    def wants(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the labels are what it looks for."""
        return self.key in labels and (not self.value or labels[self.key] == self.value)

    def takes(self, thing: Object) -> bool:
        """Tell whether it picks a ConfigMap up."""
        return self.wants(labels(thing)) and bool({"ALL", namespace(thing)} & set(self.spaces))


def pickers(evidence: Evidence) -> list[Picker]:
    """Return the dashboard sidecars of the monitoring namespace; where none runs, the stack's own defaults."""
    found = []
    for pod in evidence.all("pods"):
        for container in pod["spec"]["containers"] if namespace(pod) == evidence.names.monitoring_namespace else []:
            env = {each["name"]: str(each.get("value", "")) for each in container.get("env") or []}
            if "dashboard" in container["name"] and "LABEL" in env:
                spaces = env.get("NAMESPACE") or namespace(pod)
                found.append(Picker(env["LABEL"], env.get("LABEL_VALUE", ""), tuple(spaces.split(","))))
    return found or [Picker(LABEL, VALUE, ("ALL",))]


def files(thing: Object) -> Iterator[tuple[str, str]]:
    """Yield the JSON files of a ConfigMap."""
    for file, text in (thing.get("data") or {}).items():
        if file.endswith(".json"):
            yield file, text


def looks_like_dashboard(thing: Object) -> bool:
    """Tell a dashboard from other JSON, also where it is broken or not labelled."""
    return LABEL in labels(thing) or any('"panels"' in text for _, text in files(thing))
