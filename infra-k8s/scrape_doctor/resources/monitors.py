"""Monitors of the operator: what they select, and the targets that the operator makes of them."""

from collections.abc import Iterable

from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.selectors import matches

MONITORS = ("servicemonitors", "podmonitors")  # a Probe is not one of them: it selects no Service and no pod
PROMETHEUSES = ("prometheuses", "prometheusagents")


def endpoints(monitor: Object) -> list[Object]:
    """Return a monitor's endpoints, whichever kind it is."""
    spec = monitor["spec"]
    found: list[Object] = spec.get("endpoints") or spec.get("podMetricsEndpoints") or []
    return found


def selects(monitor: Object, thing: Object) -> bool:
    """Tell whether a monitor's selector and namespaceSelector select a Service or pod."""
    return covers_namespace(monitor, namespace(thing)) and matches(monitor["spec"]["selector"], labels(thing))


def covers_namespace(monitor: Object, wanted: str) -> bool:
    """Tell whether a monitor looks into a namespace; without a namespaceSelector it looks into its own only."""
    selector = monitor["spec"].get("namespaceSelector") or {}
    return bool(selector.get("any")) or wanted in (selector.get("matchNames") or [namespace(monitor)])


def targets_of(monitor: Object, targets: Iterable[Object], endpoint: int | None = None) -> list[Object]:
    """Return the targets that are a monitor's, or of one of its endpoints by index.

    The operator names the scrape pool <kind>/<namespace>/<name>/<endpoint>, and a Probe's, which has no endpoints,
    without the last part.
    """
    if monitor["kind"] == "Probe":
        return [target for target in targets if scrape_pool(target) == pool_of(monitor)]
    if endpoint is not None:
        return [target for target in targets if scrape_pool(target) == pool_of(monitor, endpoint)]
    return [target for target in targets if scrape_pool(target).startswith(f"{pool_of(monitor)}/")]


def pool_of(monitor: Object, endpoint: int | None = None) -> str:
    """Return the scrape pool's name of one of a monitor's endpoints, or what all of them begin with."""
    kind = str(monitor["kind"])
    pool = f"{kind[0].lower()}{kind[1:]}/{namespace(monitor)}/{name(monitor)}"
    return pool if endpoint is None else f"{pool}/{endpoint}"


def pools_of(monitor: Object) -> list[str]:
    """Return the scrape pools of a monitor: one for each endpoint; a Probe has one."""
    if monitor["kind"] == "Probe":
        return [pool_of(monitor)]
    return [pool_of(monitor, index) for index in range(len(endpoints(monitor)))]


def scrape_pool(target: Object) -> str:
    """Return a target's scrape pool; a dropped one's is only its discovered job in older versions of Prometheus."""
    return str(target.get("scrapePool") or (target.get("discoveredLabels") or {}).get("job", ""))


def pod_of_target(target: Object) -> str:
    """Return the name of a target's pod as it was discovered, for the label may be rewritten; empty if it has none."""
    found = target.get("discoveredLabels") or {}
    return str(found.get("__meta_kubernetes_pod_name") or target["labels"].get("pod", ""))
