"""The network: no NetworkPolicy keeps Prometheus from the pods."""

from functools import partial

from scrape_doctor.checks.port_name import endpoints
from scrape_doctor.checks.target import of_monitors, pod_of
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import Object, containers, labels, name, namespace
from scrape_doctor.selectors import matches

SILENCE = ("deadline exceeded", "timeout", "connection refused", "no route to host", "unreachable")  # no answer at all


def check(evidence: Evidence) -> Finding:
    """Judge the policies on both sides; one that shuts Prometheus out while its scrapes arrive is not enforced here."""
    if "networkpolicies" in evidence.closed:
        return skipped(f"NetworkPolicies may not be read: {evidence.closed['networkpolicies']}")
    sources = evidence.prometheus_pods()
    if not sources:
        return skipped("no Prometheus pod to judge by")
    if not any(evidence.all("networkpolicies")):
        return ok("none in the way")
    for pod in filter(partial(unheard, evidence), evidence.pods()):
        for port in scraped_ports(evidence, pod):
            if shut := barrier(evidence, sources[0], pod, port):
                return say(sources[0], pod, port, *shut)
    return ok("lets it in")


def unheard(evidence: Evidence, pod: Object) -> bool:
    """Tell whether Prometheus hears nothing of a pod: it has no target of it, or one that no packet reaches."""
    targets = [target for target in of_monitors(evidence) if pod_of(target) in (name(pod), "")]
    errors = [str(target.get("lastError", "")) for target in targets if target["health"] != "up"]
    return not targets or any(not error or any(words in error for words in SILENCE) for error in errors)


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
        number = numbers(target).get(wanted, wanted)
        if number is None or number == port or (isinstance(number, int) and number <= port <= each.get("endPort", 0)):
            return True
    return False


def numbers(pod: Object) -> dict[str, int]:
    """Return the numbers of a pod's named container ports."""
    ports = [port for container in containers(pod) for port in container.get("ports") or []]
    return {str(port["name"]): int(port["containerPort"]) for port in ports if "name" in port}


def scraped_ports(evidence: Evidence, pod: Object) -> list[int]:
    """Return the ports that Prometheus would open on the pod, declared or not."""
    wanted: list[object] = []
    for monitor in evidence.monitors():
        for endpoint in endpoints(monitor):
            direct = [endpoint[key] for key in ("portNumber", "targetPort") if key in endpoint]
            if monitor["kind"] == "PodMonitor":
                wanted += direct or [endpoint.get("port")]
            else:
                wanted += direct or behind(evidence, monitor, endpoint)
    known = numbers(pod)
    resolved = {known.get(str(port)) or (int(str(port)) if str(port).isdigit() else 0) for port in wanted}
    return sorted(resolved - {0})


def behind(evidence: Evidence, monitor: Object, endpoint: Object) -> list[object]:
    """Return the ports of pods to which the Service ports of that name send."""
    ports = [port for service in evidence.chosen(monitor) for port in service["spec"].get("ports") or []]
    return [port.get("targetPort", port["port"]) for port in ports if port.get("name") == endpoint.get("port")]


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
        fix=f"add under spec.{direction.lower()} of {policies[0]}: {peer}, ports: [{{port: {port}}}]",
    )
