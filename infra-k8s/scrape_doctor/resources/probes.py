"""The probes that a pod's containers declare."""

from collections.abc import Iterator

from scrape_doctor.resources.objects import Object

PROBE_FIELDS = {"startup": "startupProbe", "liveness": "livenessProbe", "readiness": "readinessProbe"}


def http_probes(pod: Object) -> Iterator[tuple[Object, str, Object]]:
    """Yield the HTTP probes of a pod's running containers: the container, the kind of probe, its httpGet."""
    running = {s["name"] for s in pod["status"].get("containerStatuses") or [] if "running" in s.get("state", {})}
    for container in pod["spec"]["containers"]:
        for kind, field in PROBE_FIELDS.items():
            probe = (container.get(field) or {}).get("httpGet")
            if probe and container["name"] in running:
                yield container, kind, probe
