"""The network: no NetworkPolicy keeps Prometheus from the pods."""

from collections.abc import Iterator

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok
from doctor.links.pods import containers
from doctor.links.target import of_monitors
from doctor.objects import Object, labels, name, namespace
from doctor.selectors import matches


def check(evidence: Evidence) -> Finding:
    """Judge the policies on both sides; one that shuts Prometheus out while the target is up is not enforced here."""
    sources = evidence.prometheus_pods()
    ours = [pod for pod in evidence.pods() if any(evidence.all("networkpolicies"))]
    if not sources:
        return ok("no Prometheus pod to judge by")
    for pod in ours:
        for port in scraped_ports(evidence, pod):
            shut = barrier(evidence, sources[0], pod, port)
            if shut and not all(target["health"] == "up" for target in of_monitors(evidence) or [{"health": ""}]):
                return say(sources[0], pod, port, *shut)
    return ok("lets it in" if ours else "none in the way")


def barrier(evidence: Evidence, source: Object, pod: Object, port: int) -> tuple[str, list[str]] | None:
    """Return the direction that is shut and the policies that shut it."""
    for direction, here, there in (("Ingress", pod, source), ("Egress", source, pod)):
        isolating = [policy for policy in evidence.all("networkpolicies") if governs(policy, here, direction)]
        rules = [rule for policy in isolating for rule in policy["spec"].get(direction.lower()) or []]
        if isolating and not any(
            allows(evidence, rule, direction, namespace(here), there, pod, port) for rule in rules
        ):
            return direction, [f"{namespace(policy)}/{name(policy)}" for policy in isolating]
    return None


def governs(policy: Object, pod: Object, direction: str) -> bool:
    """Tell whether a policy isolates the pod in that direction."""
    spec = policy["spec"]
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    return (
        namespace(policy) == namespace(pod)
        and direction in types
        and matches(spec.get("podSelector") or {}, labels(pod))
    )


def allows(evidence: Evidence, rule: Object, direction: str, own: str, peer: Object, target: Object, port: int) -> bool:
    """Tell whether a rule lets the peer through on the port; addresses are taken to let it through."""
    peers = rule.get("from" if direction == "Ingress" else "to")
    return opens(rule, target, port) and (not peers or any(is_peer(evidence, each, own, peer) for each in peers))


def is_peer(evidence: Evidence, rule: Object, own: str, pod: Object) -> bool:
    """Tell whether one entry of `from` or `to` means the pod."""
    if "ipBlock" in rule:
        return True  # whether an address is the pod's depends on the network in between
    spaces = rule.get("namespaceSelector")
    fits = namespace(pod) == own if spaces is None else matches(spaces, evidence.namespace_labels(namespace(pod)))
    return fits and matches(rule.get("podSelector") or {}, labels(pod))


def opens(rule: Object, target: Object, port: int) -> bool:
    """Tell whether a rule's ports include the target's."""
    ports = rule.get("ports")
    if not ports:
        return True
    for each in ports:
        wanted = each.get("port")
        number = next((n for n, called in container_ports(target) if called == wanted), wanted)
        if number is None or number == port or (isinstance(number, int) and number <= port <= each.get("endPort", 0)):
            return True
    return False


def container_ports(pod: Object) -> Iterator[tuple[int, str]]:
    """Yield the numbers and names of a pod's container ports."""
    for container in containers(pod):
        for port in container.get("ports") or []:
            yield int(port["containerPort"]), str(port.get("name", ""))


def scraped_ports(evidence: Evidence, pod: Object) -> list[int]:
    """Return the container ports that Prometheus would open on the pod."""
    wanted: set[object] = set()
    for monitor in evidence.monitors():
        for endpoint in monitor["spec"].get("podMetricsEndpoints") or []:
            wanted.add(endpoint.get("port"))
        for endpoint in monitor["spec"].get("endpoints") or []:
            for service in evidence.all("services"):
                if evidence.selects(monitor, service):
                    for port in service["spec"].get("ports") or []:
                        if port.get("name") == endpoint.get("port"):
                            wanted.add(port.get("targetPort", port["port"]))
    return [number for number, called in container_ports(pod) if number in wanted or called in wanted]


def say(source: Object, pod: Object, port: int, direction: str, policies: list[str]) -> Finding:
    """Name the policies and the rule that would let Prometheus through."""
    peer = (
        f"- from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace(source)}}}}}}}]"
        if direction == "Ingress"
        else f"- to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace(pod)}}}}}}}]"
    )
    return broken(
        "network-policy",
        f"NetworkPolicy {', '.join(policies)} shuts Prometheus out of pod {name(pod)} on port {port} "
        f"({direction.lower()})",
        f"Prometheus is pod {namespace(source)}/{name(source)}",
        mend=f"add under spec.{direction.lower()} of {policies[0]}: {peer}, ports: [{{port: {port}}}]",
    )
