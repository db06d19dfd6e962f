"""Probes of the operator: the prober that they ask, and the addresses and Ingresses that it is to probe."""

from scrape_doctor.resources.objects import Object
from scrape_doctor.resources.selectors import Selector


def address(probe: Object) -> tuple[str, int | None]:
    """Return the host and port of a Probe's prober, whose `url` has no scheme; None for a port that is not given."""
    host, _, port = str((probe["spec"].get("prober") or {}).get("url", "")).partition("/")[0].partition(":")
    return host, int(port) if port.isdigit() else None


def service_names(host: str) -> tuple[str, str] | None:
    """Return the Service and namespace that a host may name, the namespace empty where the host has none.

    None for a host that can only be outside the cluster: an address, or a name of another form.
    """
    parts = host.split(".")
    if not parts[0] or parts[0].isdigit() or (len(parts) > 2 and parts[2] != "svc"):
        return None
    return parts[0], parts[1] if len(parts) > 1 else ""


def is_cluster_name(host: str) -> bool:
    """Tell whether a host can only name a Service: without a dot, or with `svc` after its namespace."""
    parts = host.split(".")
    return len(parts) == 1 or parts[2:3] == ["svc"]


def addresses(probe: Object) -> list[str]:
    """Return the addresses that a Probe names itself."""
    return list(((probe["spec"].get("targets") or {}).get("staticConfig") or {}).get("static") or [])


def ingress_selector(probe: Object) -> Selector | None:
    """Return the selector of the Ingresses that a Probe takes its addresses from; None if it takes none."""
    ingress = (probe["spec"].get("targets") or {}).get("ingress")
    return None if ingress is None else ingress.get("selector") or {}
