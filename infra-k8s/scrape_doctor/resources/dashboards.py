"""ConfigMaps that hold Grafana dashboards."""

from collections.abc import Iterator

from scrape_doctor.resources.objects import Object, labels

LABEL, VALUE = "grafana_dashboard", "1"  # the stack's own, where no sidecar is set otherwise


def files(thing: Object) -> Iterator[tuple[str, str]]:
    """Yield the JSON files of a ConfigMap: name and text."""
    for file, text in (thing.get("data") or {}).items():
        if file.endswith(".json"):
            yield file, text


def is_dashboard(thing: Object) -> bool:
    """Tell a dashboard from other JSON, also where it is malformed or not labelled."""
    return LABEL in labels(thing) or any('"panels"' in text for _, text in files(thing))
