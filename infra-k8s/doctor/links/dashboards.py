"""The dashboards: each ConfigMap of the release that holds one is labelled for Grafana's sidecar and is valid JSON."""

import json
from collections.abc import Iterator

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok, skipped
from doctor.objects import Object, labels, name, namespace

LABEL, VALUE = "grafana_dashboard", "1"  # the stack's own, where no sidecar says otherwise


def check(evidence: Evidence) -> Finding:
    """Judge the ConfigMaps of the release that hold dashboards."""
    things = [thing for thing in evidence.owned("configmaps") if looks_like_dashboard(thing)]
    if not things:
        return skipped("the release has no dashboard")
    key, value = wanted(evidence)
    for thing in things:
        for file, text in files(thing):
            try:
                json.loads(text)
            except ValueError as error:
                return broken(
                    "dashboard-json",
                    f"{file} in ConfigMap {name(thing)} is not JSON: {error}",
                    mend="generate the dashboard again and upgrade the release",
                )
        if key not in labels(thing) or (value and labels(thing)[key] != value):
            return broken(
                "dashboard-label",
                f"ConfigMap {name(thing)} lacks the label {key}={value} that Grafana's sidecar looks for",
                f"labels: {', '.join(f'{k}={v}' for k, v in labels(thing).items())}",
                mend=f"kubectl -n {namespace(thing)} label configmap {name(thing)} {key}={value} --overwrite",
            )
    return ok(", ".join(name(thing) for thing in things) + f" labelled {key}={value}")


def files(thing: Object) -> Iterator[tuple[str, str]]:
    """Yield the JSON files of a ConfigMap."""
    for file, text in (thing.get("data") or {}).items():
        if file.endswith(".json"):
            yield file, text


def looks_like_dashboard(thing: Object) -> bool:
    """Tell a dashboard from other JSON, also where it is broken or not labelled."""
    return LABEL in labels(thing) or any('"panels"' in text for _, text in files(thing))


def wanted(evidence: Evidence) -> tuple[str, str]:
    """Return the label that the sidecar of the Grafana there is told to look for."""
    for pod in evidence.all("pods"):
        for container in pod["spec"]["containers"] if namespace(pod) == evidence.names.monitoring_namespace else []:
            env = {each["name"]: each.get("value", "") for each in container.get("env") or []}
            if "dashboard" in container["name"] and "LABEL" in env:
                return env["LABEL"], env.get("LABEL_VALUE", "")
    return LABEL, VALUE
