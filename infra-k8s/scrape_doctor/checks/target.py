"""The target: Prometheus has one for each pod, and its last scrape went well."""

from collections.abc import Sequence

from scrape_doctor.checks.port_name import endpoints
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, name, namespace

CAUSES = (
    ("unsupported Content-Type", "scrape-content-type"),
    ("non-compliant scrape target", "scrape-content-type"),
    ("HTTP status 404", "scrape-path"),
    ("HTTP status 401", "scrape-denied"),
    ("HTTP status 403", "scrape-denied"),
    ("HTTP status 405", "scrape-path"),
    ("HTTP status 400", "scrape-not-tls"),
    ("malformed HTTP response", "scrape-not-tls"),
    ("HTTP status", "scrape-status"),
    ("limit exceeded", "scrape-limit"),
    ("limit: ", "scrape-limit"),
    ("connection refused", "scrape-refused"),
    ("deadline exceeded", "scrape-timeout"),
    ("timeout", "scrape-timeout"),
    ("gave HTTP response to HTTPS client", "scrape-tls-unspoken"),
    ("x509", "scrape-certificate"),
    ("tls: ", "scrape-certificate"),
    ("EOF", "scrape-cut"),
    ("connection reset", "scrape-cut"),
    ("no such host", "scrape-name"),
    ("expected ", "scrape-format"),
    ("is not a valid start token", "scrape-format"),
    ("invalid ", "scrape-format"),
)
FIXES = {
    "scrape-content-type": "answer with Content-Type 'text/plain; version=0.0.4; charset=utf-8', as "
    "prometheus-client's CONTENT_TYPE_LATEST says "
    "(in Flask: Response(generate_latest(), content_type=CONTENT_TYPE_LATEST))",
    "scrape-denied": "give the monitor's endpoint the credentials that the path asks for (authorization, basicAuth)",
    "scrape-status": "read the pod's log: the metrics path itself fails",
    "scrape-limit": "export fewer series or labels, or raise the limit that the monitor or the Prometheus object sets",
    "scrape-refused": "let the process listen on 0.0.0.0 and on the port that the target names",
    "scrape-timeout": "find what holds the metrics path up or drops the packets; else raise scrapeTimeout",
    "scrape-tls-unspoken": "set scheme: http on the monitor's endpoint",
    "scrape-not-tls": "set scheme: https on the monitor's endpoint if the port speaks TLS; else read the pod's log",
    "scrape-certificate": "give the monitor's endpoint a tlsConfig that knows the certificate",
    "scrape-cut": "read the pod's log: the process ends the connection in the midst of the answer",
    "scrape-name": "let the target's address be one that Prometheus can resolve",
    "scrape-format": 'let the path answer in Prometheus\' text format, each line `name{label="value"} number`',
    "scrape-failed": "open the address in the target and compare",
}


def of_monitors(evidence: Evidence) -> list[Object]:
    """Return the targets that the release's monitors made and whose pods still live."""
    pods = {name(pod) for pod in evidence.pods()} | {""}
    return [t for m in evidence.monitors() for t in of_monitor(evidence, m) if pod_of(t) in pods]


def of_monitor(evidence: Evidence, monitor: Object) -> list[Object]:
    """Return the targets that a monitor made: the operator names their pool <kind>/<namespace>/<name>/<endpoint>."""
    pool = f"{monitor['kind'][0].lower()}{monitor['kind'][1:]}/{namespace(monitor)}/{name(monitor)}/"
    return [target for target in evidence.prometheus.targets if str(target["scrapePool"]).startswith(pool)]


def pod_of(target: Object) -> str:
    """Return the name of a target's pod as it was discovered, for the label may be rewritten; empty if it has none."""
    found = target.get("discoveredLabels") or {}
    return str(found.get("__meta_kubernetes_pod_name") or target["labels"].get("pod", ""))


def check(evidence: Evidence) -> Finding:
    """Judge the targets as Prometheus reports them."""
    targets = of_monitors(evidence)
    if not targets:
        return broken(
            "target-missing",
            "everything selects everything, and yet Prometheus has no target of the monitor",
            fix="wait two minutes after a change; then look for relabelings that drop it, and at the operator: "
            f"kubectl -n {evidence.names.monitoring_namespace} logs deploy/<operator> | grep -i skipping",
        )
    for target in targets:
        if target["health"] == "down":
            return down(evidence, target)
    if (found := unwatched(evidence)) is not None:
        return found
    if fresh := [target for target in targets if target["health"] == "unknown"]:
        return broken(
            "target-fresh",
            f"{len(fresh)} of {len(targets)} targets were not scraped yet",
            fix=f"ask again in {fresh[0].get('scrapeInterval', '30s')}",
        )
    return ok(f"{len(targets)} of {len(targets)} up", *(str(target["scrapeUrl"]) for target in targets))


def unwatched(evidence: Evidence) -> Finding | None:
    """Find a pod that a monitor takes and Prometheus does not scrape, while it scrapes the replicas beside it."""
    for monitor in filter(takes_all, evidence.monitors()):
        scraped = {pod_of(target) for target in of_monitor(evidence, monitor)}
        for _, workload in evidence.workloads():
            pods = [pod for pod in evidence.pods_of(workload) if taken(evidence, monitor, pod)]
            missing = [name(pod) for pod in pods if name(pod) not in scraped]
            if "" not in scraped and 0 < len(missing) < len(pods):
                return incomplete(missing, len(pods), monitor)
    return None


def incomplete(missing: Sequence[str], of: int, monitor: Object) -> Finding:
    """Say which pods have no target."""
    return broken(
        "target-incomplete",
        f"Prometheus scrapes {of - len(missing)} of {of} pods: {', '.join(missing)} is not a target",
        f"{monitor['kind']} {namespace(monitor)}/{name(monitor)} takes all of them",
        fix="ask again in a minute, if it has just started; else compare its labels and ports with the others': "
        f"kubectl describe pod {missing[0]}",
    )


def takes_all(monitor: Object) -> bool:
    """Tell whether a monitor scrapes whatever it selects; by relabelling it may leave some out on purpose."""
    steps = [step for endpoint in endpoints(monitor) for step in endpoint.get("relabelings") or []]
    return not any(str(step.get("action", "replace")).lower().startswith(("keep", "drop")) for step in steps)


def taken(evidence: Evidence, monitor: Object, pod: Object) -> bool:
    """Tell whether a monitor takes a pod, itself or behind one of its Services."""
    if monitor["kind"] == "PodMonitor":
        return evidence.selects(monitor, pod)
    return any(pod in evidence.pods_behind(service) for service in evidence.chosen(monitor))


def down(evidence: Evidence, target: Object) -> Finding:
    """Name the cause of the last scrape's error."""
    error = str(target.get("lastError", ""))
    cause = next((code for words, code in CAUSES if words in error), "scrape-failed")
    url = str(target["scrapeUrl"])
    fix = path_fix(evidence, target) if cause == "scrape-path" else FIXES[cause]
    return broken(cause, f"Prometheus cannot scrape {url}: {error}", f"health {target['health']}", fix=fix)


def path_fix(evidence: Evidence, target: Object) -> str:
    """Return the command that lets the monitor ask the usual path; where it does already, what else there is to do."""
    path = "/" + str(target["scrapeUrl"]).split("://")[-1].partition("/")[2].partition("?")[0]
    kind, space, called, index = str(target["scrapePool"]).split("/")
    field = "endpoints" if kind == "serviceMonitor" else "podMetricsEndpoints"

    def asking(new: str) -> str:
        if place := evidence.value_path(path):
            return evidence.upgrade(f"{place}={new}")
        patch = f'[{{"op":"add","path":"/spec/{field}/{index}/path","value":"{new}"}}]'
        return f"kubectl -n {space} patch {kind.lower()} {called} --type=json -p '{patch}'"

    if path == "/metrics":
        return f"let the application have its metrics there, or ask where it has them: {asking('<path>')}"
    return asking("/metrics")
