"""The port: a ServiceMonitor asks for a Service port by name, a PodMonitor for a container port by name."""

import difflib
from collections.abc import Collection, Iterable, Sequence

from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources import prober
from scrape_doctor.resources.monitors import endpoints, selects
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
from scrape_doctor.resources.pods import containers, port_names
from scrape_doctor.snapshot import Snapshot

WELL_KNOWN = ("metrics", "http-metrics", "prometheus", "web", "http")  # where most charts have their metrics


def check(snapshot: Snapshot) -> Finding:
    """Compare the names that each monitor asks for with those that there are."""
    for monitor in snapshot.subject.monitors:
        check_one = CHECKS[monitor["kind"]]
        if (found := check_one(snapshot, monitor) or undeclared_port(snapshot, monitor)) is not None:
            return found
    names = {port for monitor in snapshot.subject.monitors for port in ports(monitor)}
    return ok(", ".join(sorted(names)) or "every port")


def ports(monitor: Object) -> list[str]:
    """Return the port names that a monitor asks for."""
    return [str(endpoint["port"]) for endpoint in endpoints(monitor) if "port" in endpoint]


def check_servicemonitor(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a name that no Service port has; a monitor that selects no Service is compared with the subject's own."""
    services = snapshot.subject.selected(monitor) or snapshot.subject.services
    ports_there = [port for service in services for port in service["spec"].get("ports") or []]
    have = {str(port.get("name", "")): port["port"] for port in ports_there}
    for wanted in ports(monitor):
        if services and wanted not in have and not is_of_others(snapshot, monitor, wanted, have):
            where = ", ".join(f"{namespace(service)}/{name(service)}" for service in services)
            return broken(
                "port-name",
                f"ServiceMonitor {name(monitor)} asks for port {wanted!r}, which Service {where} does not have",
                "Service ports: " + ", ".join(f"{key or '(no name)'}:{port}" for key, port in have.items()),
                fix=rename(monitor, wanted, list(filter(None, have)), services[0]),
                about=monitor if any(have) else services[0],
            )
    return None


def is_of_others(snapshot: Snapshot, monitor: Object, wanted: str, have: Collection[str]) -> bool:
    """Tell whether a port is one of other Services or pods that the monitor selects, while the subject has another."""
    if not any(port in have for port in ports(monitor)):
        return False
    if monitor["kind"] == "PodMonitor":
        return any(wanted in port_names(pod) for pod in snapshot.cluster.all("pods") if selects(monitor, pod))
    services = (service for service in snapshot.cluster.all("services") if selects(monitor, service))
    return any(str(port.get("name")) == wanted for s in services for port in s["spec"].get("ports") or [])


def undeclared_port(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find an endpoint by the port of a container, of which Prometheus keeps only those that a container declares."""
    pods = pods_of(snapshot, monitor)
    names, numbers = {port for pod in pods for port in port_names(pod)}, declared_ports(pods)
    for index, endpoint in enumerate(endpoints(monitor)):
        wanted = endpoint.get("portNumber", endpoint.get("targetPort"))
        if not pods or "port" in endpoint or wanted is None or wanted in numbers or str(wanted) in names:
            continue
        declared = ", ".join(f"{port or '(no name)'}:{number}" for number, port in sorted(numbers.items()))
        return broken(
            "target-port",
            f"{monitor['kind']} {name(monitor)} asks for container port {wanted}, which no container declares",
            f"container ports: {declared or 'none'}",
            fix=f"declare the port under the container's ports, or correct /spec/{field_of(monitor)}/{index}: "
            f"kubectl -n {namespace(monitor)} edit {kind_word(monitor)} {name(monitor)}",
            about=monitor,
        )
    return None


def field_of(monitor: Object) -> str:
    """Return the field of a monitor's endpoints."""
    return "podMetricsEndpoints" if monitor["kind"] == "PodMonitor" else "endpoints"


def pods_of(snapshot: Snapshot, monitor: Object) -> list[Object]:
    """Return the pods that a monitor selects, itself or behind its Services."""
    selected = snapshot.subject.selected(monitor)
    if monitor["kind"] == "PodMonitor":
        return selected
    return [pod for service in selected for pod in snapshot.cluster.pods_behind(service)]


def declared_ports(pods: Sequence[Object]) -> dict[int, str]:
    """Return the name of each container port by its number."""
    ports = [port for pod in pods for container in containers(pod) for port in container.get("ports") or []]
    return {int(port["containerPort"]): str(port.get("name", "")) for port in ports}


def rename(monitor: Object, wanted: str, have: list[str], service: Object) -> str:
    """Return the command that makes the two names equal: on the monitor, or on a Service whose port has no name."""
    if not have:
        patch = f'[{{"op":"add","path":"/spec/ports/0/name","value":"{wanted}"}}]'
        return f"kubectl -n {namespace(service)} patch service {name(service)} --type=json -p '{patch}'"
    index = next(index for index, endpoint in enumerate(endpoints(monitor)) if endpoint.get("port") == wanted)
    patch = f'[{{"op":"replace","path":"/spec/endpoints/{index}/port","value":"{most_likely(wanted, have)}"}}]'
    return (
        f"name the Service's port {wanted!r} again, or: kubectl -n {namespace(monitor)} patch servicemonitor "
        f"{name(monitor)} --type=json -p '{patch}'"
    )


def most_likely(wanted: str, have: Iterable[str]) -> str:
    """Return the port that was probably intended: the most alike, else the most usual, else the first."""
    have = list(have)
    alike = difflib.get_close_matches(wanted, have, n=1)
    return (alike or [known for known in WELL_KNOWN if known in have] or have)[0]


def check_podmonitor(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a name that no container port of the selected pods has."""
    pods = snapshot.subject.selected(monitor) or snapshot.subject.pods
    have = {port for pod in pods for port in port_names(pod)}
    for wanted in ports(monitor):
        if pods and wanted not in have and not is_of_others(snapshot, monitor, wanted, have):
            return broken(
                "port-name",
                f"PodMonitor {name(monitor)} asks for container port {wanted!r}, which no container names",
                f"container ports: {', '.join(sorted(filter(None, have))) or 'none named'}",
                fix=f"name the container port {wanted!r}, or set podMetricsEndpoints[].port to one of those",
                about=monitor,
            )
    return None


def check_probe(snapshot: Snapshot, probe: Object) -> Finding | None:
    """Find a port that the Service of a Probe's prober does not have."""
    _, wanted = prober.address(probe)
    have = {int(port["port"]) for service in snapshot.subject.services for port in service["spec"].get("ports") or []}
    if not have or wanted is None or wanted in have:
        return None
    service = snapshot.subject.services[0]
    url = f"{name(service)}.{namespace(service)}.svc:{min(have)}"
    patch = f'{{"spec":{{"prober":{{"url":"{url}"}}}}}}'
    return broken(
        "prober-port",
        f"Probe {name(probe)} asks its prober on port {wanted}, which Service {namespace(service)}/{name(service)} "
        "does not have",
        f"Service ports: {', '.join(str(port) for port in sorted(have))}",
        fix=f"kubectl -n {namespace(probe)} patch probe {name(probe)} --type=merge -p '{patch}'",
        about=probe,
    )


CHECKS = {"ServiceMonitor": check_servicemonitor, "PodMonitor": check_podmonitor, "Probe": check_probe}
