"""Relabeling steps of a monitor's endpoint, applied to a target's labels as Prometheus applies them."""

import re
from collections.abc import Mapping, Sequence

from scrape_doctor.resources.objects import Object

# The labels that the operator sets before a monitor's own steps, by the discovered ones that they come from: the port's
# name comes from the role that it was given, endpoints or endpointslice.
SET_BY_OPERATOR: dict[str, str] = {
    "namespace": "__meta_kubernetes_namespace",
    "service": "__meta_kubernetes_service_name",
    "pod": "__meta_kubernetes_pod_name",
    "container": "__meta_kubernetes_pod_container_name",
    "job": "__meta_kubernetes_service_name",
}
PORT_NAMES = ("__meta_kubernetes_endpoint_port_name", "__meta_kubernetes_endpointslice_port_name")


def dropping_step(steps: Sequence[Object], discovered: Mapping[str, str]) -> tuple[int, str] | None:
    """Return the step that drops a target, by its index, and the value that it judged; None if every step keeps it.

    A step that this module cannot apply, because its regular expression is Go's alone, ends the search.
    """
    set_by_operator = {key: discovered[source] for key, source in SET_BY_OPERATOR.items() if source in discovered}
    labels = {**discovered, **set_by_operator}
    for source in PORT_NAMES:
        if source in discovered:
            labels["endpoint"] = discovered[source]
    for index, step in enumerate(steps):
        value = str(step.get("separator", ";")).join(labels.get(key, "") for key in step.get("sourceLabels") or [])
        try:
            pattern = re.compile(str(step.get("regex") or "(.*)"), re.DOTALL)
        except re.error:
            return None
        action = str(step.get("action") or "replace").lower()
        if _drops(action, bool(pattern.fullmatch(value)), value, labels.get(str(step.get("targetLabel", "")), "")):
            return index, value
        _apply(action, step, pattern, value, labels)
    return None


def _drops(action: str, matched: bool, value: str, target: str) -> bool:
    """Tell whether a step drops a target."""
    match action:
        case "keep":
            return not matched
        case "drop":
            return matched
        case "keepequal":
            return value != target
        case "dropequal":
            return value == target
    return False


def _apply(action: str, step: Object, pattern: re.Pattern[str], value: str, labels: dict[str, str]) -> None:
    """Change the labels as a step does that keeps the target."""
    replacement = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", str(step.get("replacement", "$1")))
    match action:
        case "replace":
            if (found := pattern.fullmatch(value)) and "targetLabel" in step:
                labels[str(step["targetLabel"])] = found.expand(replacement)
        case "labelmap":
            for key in [key for key in labels if pattern.fullmatch(key)]:
                labels[pattern.sub(replacement, key, count=1)] = labels[key]
        case "labeldrop" | "labelkeep":
            for key in [key for key in labels if bool(pattern.fullmatch(key)) == (action == "labeldrop")]:
                del labels[key]
        case "lowercase" | "uppercase":
            labels[str(step["targetLabel"])] = value.lower() if action == "lowercase" else value.upper()
