"""The port: a ServiceMonitor asks for a Service port by name, a PodMonitor for a container port by name."""

import difflib
from collections.abc import Iterable

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, containers, name, namespace

USUAL = ("metrics", "http-metrics", "prometheus", "web", "http")  # where most charts have their metrics


def check(evidence: Evidence) -> Finding:
    """Compare the names that each monitor asks for with those that there are."""
    for monitor in evidence.monitors():
        judge = by_pod if monitor.get("kind") == "PodMonitor" else by_service
        if (found := judge(evidence, monitor)) is not None:
            return found
    return ok(", ".join(sorted({asked for monitor in evidence.monitors() for asked in ports(monitor)})) or "every port")


def endpoints(monitor: Object) -> list[Object]:
    """Return a monitor's endpoints, whichever kind it is."""
    spec = monitor["spec"]
    return spec.get("endpoints") or spec.get("podMetricsEndpoints") or []


def ports(monitor: Object) -> list[str]:
    """Return the port names that a monitor asks for."""
    return [str(endpoint["port"]) for endpoint in endpoints(monitor) if "port" in endpoint]


def by_service(evidence: Evidence, monitor: Object) -> Finding | None:
    """Find a name that no Service port has; a monitor that selects no Service is held against the release's own."""
    services = evidence.chosen(monitor) or evidence.owned("services")
    offered = [port for service in services for port in service["spec"].get("ports") or []]
    have = {str(port.get("name", "")): port["port"] for port in offered}
    for wanted in ports(monitor):
        if services and wanted not in have:
            where = ", ".join(f"{namespace(service)}/{name(service)}" for service in services)
            return broken(
                "port-name",
                f"ServiceMonitor {name(monitor)} asks for port {wanted!r}, which Service {where} does not have",
                "Service ports: " + ", ".join(f"{key or '(no name)'}:{port}" for key, port in have.items()),
                fix=rename(monitor, wanted, list(filter(None, have)), services[0]),
            )
    return None


def rename(monitor: Object, wanted: str, have: list[str], service: Object) -> str:
    """Return the command that makes the two names equal: on the monitor, or on a Service whose port has no name."""
    if not have:
        patch = f'[{{"op":"add","path":"/spec/ports/0/name","value":"{wanted}"}}]'
        return f"kubectl -n {namespace(service)} patch service {name(service)} --type=json -p '{patch}'"
    index = next(index for index, endpoint in enumerate(endpoints(monitor)) if endpoint.get("port") == wanted)
    patch = f'[{{"op":"replace","path":"/spec/endpoints/{index}/port","value":"{likeliest(wanted, have)}"}}]'
    return (
        f"name the Service's port {wanted!r} again, or: kubectl -n {namespace(monitor)} patch servicemonitor "
        f"{name(monitor)} --type=json -p '{patch}'"
    )


def likeliest(wanted: str, have: Iterable[str]) -> str:
    """Return the port that was probably meant: the most alike, else the most usual, else the first."""
    have = list(have)
    alike = difflib.get_close_matches(wanted, have, n=1)
    return (alike or [usual for usual in USUAL if usual in have] or have)[0]


def by_pod(evidence: Evidence, monitor: Object) -> Finding | None:
    """Find a name that no container port of the selected pods has."""
    pods = evidence.chosen(monitor) or evidence.pods()
    have = {str(port.get("name", "")) for pod in pods for c in containers(pod) for port in c.get("ports") or []}
    for wanted in ports(monitor):
        if pods and wanted not in have:
            return broken(
                "port-name",
                f"PodMonitor {name(monitor)} asks for container port {wanted!r}, which no container names",
                f"container ports: {', '.join(sorted(filter(None, have))) or 'none named'}",
                fix=f"name the container port {wanted!r}, or set podMetricsEndpoints[].port to one of those",
            )
    return None
