"""PrometheusRules and the groups that Prometheus loaded of them."""

from scrape_doctor.resources.objects import Object, name, namespace


def is_loaded_from(group: Object, thing: Object) -> bool:
    """Tell whether a group came from the object: the operator names the file <namespace>-<name>-<uid>.yaml."""
    return f"/{namespace(thing)}-{name(thing)}-" in str(group.get("file", ""))
