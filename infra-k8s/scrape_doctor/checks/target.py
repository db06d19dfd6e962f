"""The target: Prometheus has one for each pod, and its last scrape succeeded."""

from collections.abc import Mapping, Sequence

from scrape_doctor import fixes
from scrape_doctor.checks import configuration
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources.monitors import endpoints, pod_of_target, selects
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
from scrape_doctor.resources.relabeling import dropping_step
from scrape_doctor.snapshot import Snapshot

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
    ("first record does not look like a TLS handshake", "scrape-tls-unspoken"),
    ("tls: certificate required", "scrape-client-certificate"),
    ("tls: bad certificate", "scrape-client-certificate"),
    ("tls: unknown certificate authority", "scrape-client-certificate"),
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
    "scrape-timeout": "find out what delays the metrics path or drops the packets; else raise scrapeTimeout",
    "scrape-tls-unspoken": "set scheme: http on the monitor's endpoint",
    "scrape-not-tls": "set scheme: https on the monitor's endpoint if the port speaks TLS; else read the pod's log",
    "scrape-certificate": "give the monitor's endpoint a tlsConfig that trusts the certificate",
    "scrape-client-certificate": "give the monitor's endpoint a tlsConfig with the client certificate that the port "
    "asks for (cert, keySecret)",
    "scrape-cut": "read the pod's log: the process ends the connection in the middle of the answer",
    "scrape-name": "let the target's address be one that Prometheus can resolve",
    "scrape-format": 'let the path answer in Prometheus\' text format, each line `name{label="value"} number`',
    "scrape-failed": "open the address in the target and compare",
}

SCHEMES = {"scrape-tls-unspoken": "http", "scrape-not-tls": "https"}


def check(snapshot: Snapshot) -> Finding:
    """Check the targets as Prometheus reports them, once it has loaded the monitor."""
    if (found := configuration.not_loaded(snapshot)) is not None:
        return found
    targets = snapshot.targets()
    for target in targets:
        if target["health"] == "down":
            return down(snapshot, target)
    if (found := endpoint_without_target(snapshot)) is not None:
        return found
    if not targets:
        return missing(snapshot, "it")
    if (found := without_target(snapshot)) is not None:
        return found
    if fresh := [target for target in targets if target["health"] == "unknown"]:
        return broken(
            "target-fresh",
            f"{len(fresh)} of {len(targets)} targets were not scraped yet",
            fix=f"ask again in {fresh[0].get('scrapeInterval', '30s')}",
        )
    return ok(f"{len(targets)} of {len(targets)} up", *(str(target["scrapeUrl"]) for target in targets))


def endpoint_without_target(snapshot: Snapshot) -> Finding | None:
    """Find an endpoint without a target: its relabelings drop every one, or Prometheus found none for it alone."""
    for monitor in snapshot.subject.monitors:
        for index, endpoint in enumerate(endpoints(monitor)):
            if not snapshot.targets_of(monitor, index):
                dropped = [target["discoveredLabels"] for target in snapshot.dropped_of(monitor, index)]
                found = dropped_by(endpoint.get("relabelings") or [], of_subject(snapshot, dropped))
                if found is not None:
                    return relabeled_away(monitor, index, *found)
                if snapshot.targets_of(monitor):
                    return missing(snapshot, f"endpoint {index} of {monitor['kind']} {name(monitor)}")
    return None


def missing(snapshot: Snapshot, what: str) -> Finding:
    """Return that Prometheus has no target though nothing tells why."""
    return broken(
        "target-missing",
        f"every selector matches and the monitor is loaded, but Prometheus has no target of {what}",
        fix="look for relabelings that drop it, and at what Prometheus says of its discovery: "
        f"kubectl -n {snapshot.scope.monitoring_namespace} logs -l operator.prometheus.io/name -c prometheus | "
        "grep -i discovery",
    )


def of_subject(snapshot: Snapshot, dropped: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the discovered labels of the subject's own pods; others' are dropped because they are not selected."""
    pods = {name(pod) for pod in snapshot.subject.pods}
    return [labels for labels in dropped if labels.get("__meta_kubernetes_pod_name") in pods]


def dropped_by(steps: Sequence[Object], discovered: Sequence[Mapping[str, str]]) -> tuple[int, Object, str] | None:
    """Return the first step that drops a target: its index, the step and the value that it judged."""
    for labels in discovered:
        if (found := dropping_step(steps, labels)) is not None:
            index, value = found
            return index, steps[index], value
    return None


def relabeled_away(monitor: Object, endpoint: int, index: int, step: Object, value: str) -> Finding:
    """Name the step that drops the targets of an endpoint."""
    field = "podMetricsEndpoints" if monitor["kind"] == "PodMonitor" else "endpoints"
    path = f"/spec/{field}/{endpoint}/relabelings/{index}"
    rule = f"{step.get('action')} {step.get('regex', '(.*)')!r} of {', '.join(step.get('sourceLabels') or [])}"
    return broken(
        "target-dropped",
        f"{monitor['kind']} {namespace(monitor)}/{name(monitor)} drops every target by a relabeling: {rule}",
        f"a target has {value!r} there",
        fix=f"correct {path}, or: kubectl -n {namespace(monitor)} patch {kind_word(monitor)} {name(monitor)} "
        f'--type=json -p \'[{{"op":"remove","path":"{path}"}}]\'',
        about=monitor,
    )


def without_target(snapshot: Snapshot) -> Finding | None:
    """Find a pod that a monitor selects and Prometheus does not scrape, while it scrapes the other replicas."""
    for monitor in (each for each in snapshot.subject.monitors if each["kind"] != "Probe" and keeps_all(each)):
        scraped = {pod_of_target(target) for target in snapshot.targets_of(monitor)}
        for workload in snapshot.subject.workloads:
            pods = [pod for pod in snapshot.cluster.pods_of(workload) if reaches(snapshot, monitor, pod)]
            missing = [name(pod) for pod in pods if name(pod) not in scraped]
            if "" not in scraped and 0 < len(missing) < len(pods):
                return incomplete(missing, len(pods), monitor)
    return None


def incomplete(missing: Sequence[str], of: int, monitor: Object) -> Finding:
    """Name the pods without a target."""
    return broken(
        "target-incomplete",
        f"Prometheus scrapes {of - len(missing)} of {of} pods: {', '.join(missing)} is not a target",
        f"{monitor['kind']} {namespace(monitor)}/{name(monitor)} selects all of them",
        fix="ask again in a minute, if it has just started; else compare its labels and ports with the others': "
        f"kubectl describe pod {missing[0]}",
    )


def keeps_all(monitor: Object) -> bool:
    """Tell whether a monitor scrapes everything that it selects; relabeling may leave some out on purpose."""
    steps = [step for endpoint in endpoints(monitor) for step in endpoint.get("relabelings") or []]
    return not any(str(step.get("action", "replace")).lower().startswith(("keep", "drop")) for step in steps)


def reaches(snapshot: Snapshot, monitor: Object, pod: Object) -> bool:
    """Tell whether a monitor selects a pod, itself or behind one of its Services."""
    if monitor["kind"] == "PodMonitor":
        return selects(monitor, pod)
    return any(pod in snapshot.cluster.pods_behind(service) for service in snapshot.subject.selected(monitor))


def down(snapshot: Snapshot, target: Object) -> Finding:
    """Name the cause of the last scrape's error."""
    error = str(target.get("lastError", ""))
    cause = next((code for words, code in CAUSES if words in error), "scrape-failed")
    url = str(target["scrapeUrl"])
    fix = path_fix(snapshot, target) if cause == "scrape-path" else FIXES[cause]
    if cause in SCHEMES:
        fix = f"{FIXES[cause]}: {patch_endpoint(target, 'scheme', SCHEMES[cause])}"
    about = monitor_of(snapshot, target) if "monitor's" in FIXES.get(cause, "monitor's") else None
    return broken(cause, f"Prometheus cannot scrape {url}: {error}", f"health {target['health']}", fix=fix, about=about)


def monitor_of(snapshot: Snapshot, target: Object) -> Object | None:
    """Return the monitor that a target comes from."""
    return next((m for m in snapshot.subject.monitors if target in snapshot.targets_of(m)), None)


def patch_endpoint(target: Object, field: str, value: str) -> str:
    """Return the command that sets a field of the endpoint, or of the Probe's prober, that a target comes from."""
    kind, namespace, monitor, *rest = str(target["scrapePool"]).split("/")
    if not rest:
        patch = f'{{"spec":{{"prober":{{"{field}":"{value}"}}}}}}'
        return f"kubectl -n {namespace} patch probe {monitor} --type=merge -p '{patch}'"
    endpoints = "endpoints" if kind == "serviceMonitor" else "podMetricsEndpoints"
    patch = f'[{{"op":"add","path":"/spec/{endpoints}/{rest[0]}/{field}","value":"{value}"}}]'
    return f"kubectl -n {namespace} patch {kind.lower()} {monitor} --type=json -p '{patch}'"


def path_fix(snapshot: Snapshot, target: Object) -> str:
    """Return the command that sets the usual path; where it is set already, what else there is to do."""
    path = "/" + str(target["scrapeUrl"]).split("://")[-1].partition("/")[2].partition("?")[0]

    def set_path(new: str) -> str:
        if place := fixes.value_path(snapshot, path):
            return fixes.set_value(snapshot, f"{place}={new}", "")
        return patch_endpoint(target, "path", new)

    if str(target["scrapePool"]).startswith("probe/"):
        return set_path("/probe")
    if path == "/metrics":
        return f"let the application have its metrics there, or ask where it has them: {set_path('<path>')}"
    return set_path("/metrics")
