"""When an object was last changed, by its managed fields; what controllers write into its status does not count."""

from datetime import UTC, datetime

from scrape_doctor.resources.objects import Object

NEVER = datetime.fromtimestamp(0, UTC)


def changed_at(thing: Object) -> datetime:
    """Return when an object was made or, later, changed; long ago where it does not tell."""
    metadata = thing["metadata"]
    fields = metadata.get("managedFields") or []
    times = [each.get("time") for each in fields if each.get("subresource") != "status"]
    return max((parsed(time) for time in (metadata.get("creationTimestamp"), *times) if time), default=NEVER)


def parsed(time: object) -> datetime:
    """Return a time that Kubernetes or Prometheus wrote; UTC where it names no zone."""
    found = datetime.fromisoformat(str(time).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
