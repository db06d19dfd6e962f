"""The network: no NetworkPolicy keeps Prometheus from the pods."""

from functools import partial

from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources import prober
from scrape_doctor.resources.monitors import endpoints, pod_of_target
from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.pods import named_ports
from scrape_doctor.resources.selectors import matches
from scrape_doctor.snapshot import Snapshot

NO_ANSWER = ("deadline exceeded", "timeout", "connection refused", "no route to host", "unreachable")


def check(snapshot: Snapshot) -> Finding:
    """Check the policies on both sides; a policy is not enforced here if the scrapes that it blocks still arrive."""
    unanswered = list(filter(partial(is_unanswered, snapshot), snapshot.subject.pods))
    if snapshot.subject.pods and not unanswered:
        return ok("Prometheus gets an answer of every pod")
    sources = snapshot.monitoring.pods
    places = [snapshot.scope.namespace, *(namespace(pod) for pod in sources[:1])]
    refused = [place for place in places if snapshot.cluster.may_not_list("networkpolicies", place)]
    if refused:
        return needs(f"list networkpolicies in namespace {refused[0]}")
    if not sources:
        return skipped("no Prometheus pod to check from")
    if not any(snapshot.cluster.all("networkpolicies")):
        return ok("none in the way")
    for pod in unanswered:
        for port in scraped_ports(snapshot, pod):
            if blocked := blocking_policies(snapshot, sources[0], pod, port):
                return blocks(sources[0], pod, port, *blocked)
    return ok("lets it in")


def is_unanswered(snapshot: Snapshot, pod: Object) -> bool:
    """Tell whether Prometheus gets no answer of a pod: it has no target for it, or one that no packet reaches."""
    targets = [target for target in snapshot.targets() if pod_of_target(target) in (name(pod), "")]
    errors = [str(target.get("lastError", "")) for target in targets if target["health"] != "up"]
    return not targets or any(not error or any(words in error for words in NO_ANSWER) for error in errors)


def blocking_policies(snapshot: Snapshot, source: Object, pod: Object, port: int) -> tuple[str, list[Object]] | None:
    """Return the direction that is blocked and the policies that block it."""
    for direction, near, far in (("Ingress", pod, source), ("Egress", source, pod)):
        isolating = [policy for policy in snapshot.cluster.all("networkpolicies") if isolates(policy, near, direction)]
        rules = [rule for policy in isolating for rule in policy["spec"].get(direction.lower()) or []]
        if isolating and not any(allows(snapshot, rule, direction, namespace(near), far, pod, port) for rule in rules):
            return direction, isolating
    return None


def isolates(policy: Object, pod: Object, direction: str) -> bool:
    """Tell whether a policy isolates the pod in that direction."""
    spec = policy["spec"]
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    return (
        namespace(policy) == namespace(pod)
        and direction in types
        and matches(spec.get("podSelector") or {}, labels(pod))
    )


def allows(snapshot: Snapshot, rule: Object, direction: str, own: str, peer: Object, target: Object, port: int) -> bool:
    """Tell whether a rule lets the peer through on the port; an address range is assumed to."""
    peers = rule.get("from" if direction == "Ingress" else "to")
    return opens_port(rule, target, port) and (not peers or any(is_peer(snapshot, each, own, peer) for each in peers))


def is_peer(snapshot: Snapshot, rule: Object, own: str, pod: Object) -> bool:
    """Tell whether one entry of `from` or `to` selects the pod."""
    if "ipBlock" in rule:
        return True  # whether an address is the pod's depends on the network between them
    namespaces = rule.get("namespaceSelector")
    if namespaces is None:
        covered = namespace(pod) == own
    else:
        covered = matches(namespaces, snapshot.cluster.namespace_labels(namespace(pod)))
    return covered and matches(rule.get("podSelector") or {}, labels(pod))


def opens_port(rule: Object, target: Object, port: int) -> bool:
    """Tell whether a rule's ports include the target's."""
    ports = rule.get("ports")
    if not ports:
        return True
    for each in ports:
        wanted = each.get("port")
        number = named_ports(target).get(wanted, wanted)
        if number is None or number == port or (isinstance(number, int) and number <= port <= each.get("endPort", 0)):
            return True
    return False


def scraped_ports(snapshot: Snapshot, pod: Object) -> list[int]:
    """Return the ports that Prometheus would open on the pod, declared or not."""
    wanted: list[object] = []
    for monitor in snapshot.subject.monitors:
        if monitor["kind"] == "Probe":
            wanted += target_ports(snapshot, monitor, {"number": prober.address(monitor)[1]})
        for endpoint in endpoints(monitor):
            direct = [endpoint[key] for key in ("portNumber", "targetPort") if key in endpoint]
            if monitor["kind"] == "PodMonitor":
                wanted += direct or [endpoint.get("port")]
            else:
                wanted += direct or target_ports(snapshot, monitor, endpoint)
    known = named_ports(pod)
    resolved = {known.get(str(port)) or (int(str(port)) if str(port).isdigit() else 0) for port in wanted}
    return sorted(resolved - {0})


def target_ports(snapshot: Snapshot, monitor: Object, endpoint: Object) -> list[object]:
    """Return the ports of pods to which the Service ports of that name send."""
    ports = [port for service in snapshot.subject.selected(monitor) for port in service["spec"].get("ports") or []]
    if "number" in endpoint:
        return [port.get("targetPort", port["port"]) for port in ports if port["port"] == endpoint["number"]]
    return [port.get("targetPort", port["port"]) for port in ports if port.get("name") == endpoint.get("port")]


def blocks(source: Object, pod: Object, port: int, direction: str, policies: list[Object]) -> Finding:
    """Name the policies and the rule that would let Prometheus through."""
    peer = (
        f"- from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace(source)}}}}}}}]"
        if direction == "Ingress"
        else f"- to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace(pod)}}}}}}}]"
    )
    names = [f"{namespace(policy)}/{name(policy)}" for policy in policies]
    return broken(
        "network-policy",
        f"NetworkPolicy {', '.join(names)} blocks Prometheus from pod {name(pod)} on port {port} ({direction.lower()})",
        f"Prometheus is pod {namespace(source)}/{name(source)}",
        fix=f"add under spec.{direction.lower()} of {names[0]}: {peer}, ports: [{{port: {port}}}]",
        about=policies[0],
    )
