"""The fields that an object of a manifest must have to be read; a cluster's own schema sees to that otherwise."""

from collections.abc import Iterator
from typing import Any

from scrape_doctor.resources.objects import Object

WORKLOAD = ("spec.selector", "spec.template.metadata", "spec.template.spec.containers[].name")
FIELDS = {
    "Deployment": WORKLOAD,
    "StatefulSet": WORKLOAD,
    "DaemonSet": WORKLOAD,
    "Pod": ("spec.containers[].name",),
    "Service": ("spec", "spec.ports?[].port"),
    "ServiceMonitor": ("spec.selector", "spec.endpoints[]"),
    "PodMonitor": ("spec.selector", "spec.podMetricsEndpoints?[]"),
    "Probe": ("spec.targets", "spec.prober?"),
    "Prometheus": ("spec",),
    "PrometheusAgent": ("spec",),
    "PrometheusRule": ("spec.groups?[].name",),
}


def missing(thing: Object) -> str:
    """Return in words which field an object lacks, or has as something else; empty if it can be read."""
    for key, value in (thing["metadata"].get("labels") or {}).items():
        if not isinstance(value, str):
            return f"has the label {key} with {value!r}, which is no text: put it into quotes"
    for path in FIELDS.get(str(thing["kind"]), ()):
        if found := next(_missing(thing, path.split("."), ""), ""):
            return found
    return ""


def _missing(value: Any, path: list[str], before: str) -> Iterator[str]:
    """Yield what is missing on a path; `?` marks a field that may be left out, `[]` a list of mappings."""
    if not path:
        return
    word = path[0].removesuffix("[]").removesuffix("?")
    optional, listed = "?" in path[0], path[0].endswith("[]")
    place = f"{before}.{word}" if before else word
    found = value.get(word) if isinstance(value, dict) else None
    is_last_word = len(path) == 1 and not listed and path[0] in ("name", "port")
    if found is None:
        if not optional:
            yield f"has no {place}"
    elif is_last_word:
        return
    elif listed and not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        yield f"has a {place} that is no list of mappings"
    elif listed:
        for index, each in enumerate(found):
            yield from _missing(each, path[1:], f"{place}[{index}]")
    elif not isinstance(found, dict):
        yield f"has a {place} that is no mapping"
    else:
        yield from _missing(found, path[1:], place)
