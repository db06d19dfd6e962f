"""Pods: their containers, statuses and ports, and the workloads that make them."""

from scrape_doctor.resources.objects import Object

WORKLOADS = ("deployments", "statefulsets", "daemonsets")


def containers(pod: Object) -> list[Object]:
    """Return the specs of a pod's init containers and containers."""
    return [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]


def statuses(pod: Object) -> list[Object]:
    """Return the statuses of a pod's init containers and containers."""
    status = pod.get("status", {})
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def is_ready(pod: Object) -> bool:
    """Tell whether the pod's Ready condition is true."""
    if "status" not in pod:
        return True  # it is not seen, and so believed
    conditions = pod["status"].get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def is_ending(pod: Object) -> bool:
    """Tell whether a pod is being deleted or has run to its end."""
    return "deletionTimestamp" in pod["metadata"] or pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def port_names(pod: Object) -> set[str]:
    """Return the names of a pod's container ports; an empty one for a port without a name."""
    return {str(port.get("name", "")) for c in containers(pod) for port in c.get("ports") or []}


def named_ports(pod: Object) -> dict[str, int]:
    """Return the numbers of a pod's named container ports by name."""
    ports = [port for container in containers(pod) for port in container.get("ports") or []]
    return {str(port["name"]): int(port["containerPort"]) for port in ports if "name" in port}


def port_number(container: Object, port: object) -> int:
    """Return the number of a port that may be given by the container's name for it; 0 if no port has that name."""
    for each in container.get("ports") or []:
        if each.get("name") == port:
            return int(each["containerPort"])
    return int(str(port)) if str(port).isdigit() else 0
