"""Secrets that a monitor names: the operator rejects a monitor if one is not there or lacks the key."""

from collections.abc import Iterator

from scrape_doctor.resources.monitors import endpoints
from scrape_doctor.resources.objects import Object

# Where an endpoint, or a Probe itself, names a Secret and one of its keys.
PLACES = (
    ("bearerTokenSecret",),
    ("basicAuth", "username"),
    ("basicAuth", "password"),
    ("authorization", "credentials"),
    ("tlsConfig", "keySecret"),
    ("tlsConfig", "ca", "secret"),
    ("tlsConfig", "cert", "secret"),
    ("oauth2", "clientSecret"),
    ("oauth2", "clientId", "secret"),
)


def references(monitor: Object) -> Iterator[tuple[str, str, str]]:
    """Yield each Secret that a monitor needs: the field that names it, its name and its key."""
    probe = [("spec", monitor["spec"])] if monitor["kind"] == "Probe" else []
    field = "podMetricsEndpoints" if monitor["kind"] == "PodMonitor" else "endpoints"
    for path, part in (*probe, *((f"spec.{field}[{i}]", each) for i, each in enumerate(endpoints(monitor)))):
        for place in PLACES:
            found = part
            for key in place:
                found = (found or {}).get(key) or {}
            if found.get("name") and found.get("key") and not found.get("optional"):
                yield f"{path}.{'.'.join(place)}", str(found["name"]), str(found["key"])
