"""The target: Prometheus has one for each pod, and its last scrape went well."""

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok
from doctor.objects import Object, name, namespace

CAUSES = (
    ("unsupported Content-Type", "scrape-content-type"),
    ("non-compliant scrape target", "scrape-content-type"),
    ("HTTP status 404", "scrape-path"),
    ("HTTP status 401", "scrape-denied"),
    ("HTTP status 403", "scrape-denied"),
    ("HTTP status 405", "scrape-path"),
    ("HTTP status", "scrape-status"),
    ("connection refused", "scrape-refused"),
    ("deadline exceeded", "scrape-timeout"),
    ("timeout", "scrape-timeout"),
    ("gave HTTP response to HTTPS client", "scrape-scheme"),
    ("x509", "scrape-tls"),
    ("expected ", "scrape-format"),
    ("invalid ", "scrape-format"),
)
MENDS = {
    "scrape-content-type": "answer with Content-Type 'text/plain; version=0.0.4; charset=utf-8', as "
    "prometheus-client's CONTENT_TYPE_LATEST says "
    "(in Flask: Response(generate_latest(), content_type=CONTENT_TYPE_LATEST))",
    "scrape-denied": "give the monitor's endpoint the credentials that the path asks for (authorization, basicAuth)",
    "scrape-status": "read the pod's log: the metrics path itself fails",
    "scrape-refused": "let the process listen on 0.0.0.0 and on the port that the target names",
    "scrape-timeout": "find what holds the metrics path up or drops the packets; else raise scrapeTimeout",
    "scrape-scheme": "set scheme: http on the monitor's endpoint",
    "scrape-tls": "give the monitor's endpoint a tlsConfig that knows the certificate",
    "scrape-format": 'let the path answer in Prometheus\' text format, each line `name{label="value"} number`',
    "scrape-failed": "open the address in the target and compare",
}


def of_monitors(evidence: Evidence) -> list[Object]:
    """Return the targets that the release's monitors made and whose pods still live."""
    pools = tuple(f"{m['kind'][0].lower()}{m['kind'][1:]}/{namespace(m)}/{name(m)}/" for m in evidence.monitors())
    pods = {name(pod) for pod in evidence.pods()}
    targets = [t for t in evidence.prometheus.targets if str(t["scrapePool"]).startswith(pools)] if pools else []
    return [t for t in targets if t["labels"].get("pod", "") in pods or "pod" not in t["labels"]]


def check(evidence: Evidence) -> Finding:
    """Judge the targets as Prometheus reports them."""
    targets = of_monitors(evidence)
    if not targets:
        return broken(
            "target-missing",
            "everything selects everything, and yet Prometheus has no target of the monitor",
            mend="wait two minutes after a change; then look for relabelings that drop it, and at the operator: "
            f"kubectl -n {evidence.names.monitoring_namespace} logs deploy/<operator> | grep -i skipping",
        )
    for target in targets:
        if target["health"] == "down":
            return down(evidence, target)
    if fresh := [target for target in targets if target["health"] == "unknown"]:
        return broken(
            "target-fresh",
            f"{len(fresh)} of {len(targets)} targets were not scraped yet",
            mend=f"ask again in {fresh[0].get('scrapeInterval', '30s')}",
        )
    return ok(f"{len(targets)} of {len(targets)} up", *(str(target["scrapeUrl"]) for target in targets))


def down(evidence: Evidence, target: Object) -> Finding:
    """Name the cause of the last scrape's error."""
    error = str(target.get("lastError", ""))
    cause = next((code for words, code in CAUSES if words in error), "scrape-failed")
    url = str(target["scrapeUrl"])
    mend = MENDS.get(cause, "")
    if cause == "scrape-path":
        path = "/" + url.split("://")[-1].partition("/")[2]
        place = evidence.value_path(path) or "serviceMonitor.path"
        mend = f"let the monitor ask the path that has metrics: {evidence.upgrade(f'{place}=/metrics')}"
    return broken(cause, f"Prometheus cannot scrape {url}: {error}", f"health {target['health']}", mend=mend)
