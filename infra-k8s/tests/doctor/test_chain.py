"""Charts that are not ours: healthy, every link holds; with one thing wrong, that very link is named and no other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from doctor.chain import CHAIN, diagnosis, walk
from doctor.evidence import Answer, Evidence, ProbeAnswer
from doctor.finding import State
from doctor.objects import Object
from tests.doctor.world import SETTINGS, healthy

Fault = Callable[[Evidence], object]


@pytest.mark.parametrize("chart", SETTINGS)
def test_a_healthy_foreign_release_is_whole(chart: str) -> None:
    examined = walk(healthy(chart))
    assert [each for each in examined if each.finding.state in (State.BROKEN, State.NOT_CHECKED)] == []
    assert {e.link.name for e in examined if e.finding.state is State.OK} >= {"image", "pods", "target", "samples"}


def first(evidence: Evidence, kind: str) -> Object:
    return evidence.all(kind)[0]


def container(evidence: Evidence) -> Any:
    return first(evidence, "pods")["status"]["containerStatuses"][0]


def unready(evidence: Evidence, state: Object, **more: object) -> None:
    container(evidence).update({"ready": False, "state": state, **more})
    first(evidence, "pods")["status"]["conditions"][1]["status"] = "False"


def waiting(reason: str, message: str) -> Fault:
    return lambda e: unready(e, {"waiting": {"reason": reason, "message": message}}, imageID="")


def probe(status: int, *others: str, kind: str = "liveness", ready: bool = True) -> Fault:
    def fault(evidence: Evidence) -> None:
        pod = first(evidence, "pods")
        asked = ProbeAnswer(pod["metadata"]["name"], container(evidence)["name"], kind, "/x", 1, Answer(status), others)
        evidence.probes = (asked,)
        if not ready:
            unready(evidence, {"running": {}})

    return fault


def event(kind: str, name: str, reason: str, message: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        thing = {"involvedObject": {"kind": kind, "name": name}, "reason": reason, "message": message}
        evidence.objects.setdefault("events", []).append(thing)

    return fault


def scrape(error: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        down = {**evidence.prometheus.targets[0], "health": "down", "lastError": error}
        evidence.prometheus = replace(evidence.prometheus, targets=(down, *evidence.prometheus.targets[1:]))

    return fault


def put(kind: str, *path: str | int, value: object) -> Fault:
    """Set one field of the first object of a kind, as `kubectl edit` would."""

    def fault(evidence: Evidence) -> None:
        thing: Any = first(evidence, kind)
        for step in path[:-1]:
            thing = thing[step]
        thing[path[-1]] = value

    return fault


def both(*faults: Fault) -> Fault:
    def fault(evidence: Evidence) -> None:
        for each in faults:
            each(evidence)

    return fault


def own_pods_gone(evidence: Evidence) -> None:
    gone = evidence.pods()
    evidence.objects["pods"] = [pod for pod in evidence.all("pods") if pod not in gone]


def reported(**changes: Any) -> Fault:
    def fault(evidence: Evidence) -> None:
        evidence.prometheus = replace(evidence.prometheus, **changes)

    return fault


NO_TARGETS = reported(targets=())
CASES: tuple[tuple[str, str, str, Fault], ...] = (
    ("ledger", "release", "release-missing", lambda e: setattr(e, "helm", None)),
    ("ledger", "image", "image-missing", waiting("ErrImagePull", "failed to resolve: ledger:7: not found")),
    ("ledger", "image", "image-denied", waiting("ImagePullBackOff", "401 unauthorized")),
    (
        "ledger",
        "image",
        "image-missing",
        waiting("ErrImagePull", f"failed to resolve: ledger@sha256:401403{'0' * 58}: not found"),
    ),
    (
        "ledger",
        "image",
        "image-never-pulled",
        waiting("ErrImageNeverPull", 'Container image "ledger:7" is not present with pull policy of Never'),
    ),
    (
        "ledger",
        "pods",
        "crash-loop",  # and not the pods that a StatefulSet makes only once the first is Ready
        both(
            put("statefulsets", "spec", "replicas", value=9),
            lambda e: unready(
                e, {"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"reason": "Error"}}
            ),
        ),
    ),
    (
        "choosy",
        "pods",
        "scaled-to-zero",
        both(put("deployments", "spec", "replicas", value=0), own_pods_gone),
    ),
    ("choosy", "image", "image-architecture", waiting("ErrImagePull", "no match for platform in manifest: not found")),
    ("courier", "image", "image-placeholder", waiting("ImagePullBackOff", "Back-off pulling image")),
    ("choosy", "pods", "pod-config", waiting("CreateContainerConfigError", 'secret "key" not found')),
    (
        "choosy",
        "pods",
        "out-of-memory",
        lambda e: unready(
            e,
            {"waiting": {"reason": "CrashLoopBackOff"}},
            lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-01T00:00:00Z"}},
        ),
    ),
    (
        "ledger",
        "pods",
        "crash-loop",
        lambda e: unready(
            e, {"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"reason": "Error", "exitCode": 3}}
        ),
    ),
    ("umbrella", "pods", "probe-path-wrong", probe(404, "/healthz", kind="readiness", ready=False)),
    ("umbrella", "pods", "health-endpoint-missing", probe(404, kind="readiness", ready=False)),
    (
        "courier",
        "pods",
        "probe-failing",
        both(
            lambda e: unready(e, {"running": {}}),
            event("Pod", "courier-0", "Unhealthy", "Readiness probe failed: /bin/check: exit 1"),
        ),
    ),
    (
        "ledger",
        "pods",
        "pods-not-created",
        both(
            lambda e: e.objects.update(pods=e.all("pods")[-1:]),
            event("StatefulSet", "books", "FailedCreate", "violates PodSecurity restricted"),
            NO_TARGETS,
        ),
    ),
    (
        "choosy",
        "pods",
        "pod-unschedulable",
        both(
            lambda e: unready(e, {}),
            put("pods", "status", "conditions", 0, value={"type": "PodScheduled", "status": "False", "message": "0/2"}),
        ),
    ),
    ("ledger", "probes", "probe-path-wrong", probe(404, "/healthz")),
    ("ledger", "probes", "probe-failing", probe(500)),
    ("ledger", "service", "service-selects-nothing", put("services", "spec", "selector", "namespace", value="bank")),
    ("umbrella", "service", "service-target-port", put("services", "spec", "ports", 0, "targetPort", value="web")),
    ("umbrella", "monitor", "monitor-missing", lambda e: e.objects.pop("servicemonitors")),
    ("ledger", "port-name", "port-name", put("services", "spec", "ports", 1, "name", value="metrics")),
    ("umbrella", "port-name", "port-name", lambda e: first(e, "services")["spec"]["ports"][0].pop("name")),
    ("courier", "port-name", "port-name", put("podmonitors", "spec", "podMetricsEndpoints", 0, "port", value="web")),
    ("courier", "prometheus", "prometheus-missing", lambda e: e.objects.pop("prometheuses")),
    ("courier", "prometheus", "prometheus-silent", reported(error="ConnectError")),
    ("courier", "prometheus", "prometheus-config", reported(reloaded=False)),
    ("ledger", "prometheus-selection", "monitor-label", put("servicemonitors", "metadata", "labels", value={})),
    (
        "choosy",
        "prometheus-selection",
        "monitor-label",
        put("servicemonitors", "metadata", "labels", "team", value="x"),
    ),
    ("courier", "prometheus-selection", "monitor-label", put("prometheuses", "spec", "podMonitorSelector", value=None)),
    ("choosy", "prometheus-selection", "monitor-namespace", put("namespaces", "metadata", "labels", value={})),
    (
        "courier",
        "prometheus-selection",
        "monitor-namespace",
        put("prometheuses", "spec", "podMonitorNamespaceSelector", value=None),
    ),
    (
        "ledger",
        "prometheus-selection",
        "monitor-rejected",
        both(NO_TARGETS, event("ServiceMonitor", "ledger", "InvalidConfiguration", "secret not found")),
    ),
    (
        "choosy",
        "monitor-selection",
        "monitor-selects-nothing",
        put("services", "metadata", "labels", value={"app": "choosy", "scrape": "yes", "legacy": "1"}),
    ),
    (
        "ledger",
        "monitor-selection",
        "monitor-namespace-selector",
        lambda e: first(e, "servicemonitors")["spec"].pop("namespaceSelector"),
    ),
    (
        "courier",
        "monitor-selection",
        "monitor-selects-nothing",
        put("podmonitors", "spec", "selector", value={"matchLabels": {"app": "runner"}}),
    ),
    ("choosy", "discovery", "prometheus-rights", lambda e: setattr(e, "denied", ("services",))),
    (
        "choosy",
        "network-policy",
        "network-policy",
        both(
            put("networkpolicies", "spec", "ingress", 0, "ports", value=[{"port": 9999}]), scrape("deadline exceeded")
        ),
    ),
    ("choosy", "target", "scrape-content-type", scrape('received unsupported Content-Type "text/html; charset=utf-8"')),
    ("ledger", "target", "scrape-path", scrape("server returned HTTP status 404 Not Found")),
    ("ledger", "target", "scrape-refused", scrape("dial tcp 10.0.0.1:9187: connect: connection refused")),
    ("courier", "target", "scrape-timeout", scrape("context deadline exceeded")),
    ("umbrella", "target", "target-missing", NO_TARGETS),
    ("umbrella", "samples", "samples-none", reported(samples={("umbrella", "0"): 0.0})),
    ("umbrella", "rules", "rule-label", put("prometheusrules", "metadata", "labels", value={"release": "other"})),
    ("umbrella", "rules", "rule-not-loaded", reported(groups=())),
    ("umbrella", "rules", "rule-syntax", reported(parse_errors={"rate(engine_revs_total[5m]) == 0": "parse error"})),
    ("umbrella", "dashboards", "dashboard-label", put("configmaps", "metadata", "labels", value={})),
    (
        "umbrella",
        "dashboards",
        "dashboard-json",
        put("configmaps", "data", value={"board.json": '{"panels": [}'}),
    ),
    ("umbrella", "dashboard-metrics", "dashboard-metric", reported(metrics=frozenset({"engine_revolutions_total"}))),
    ("umbrella", "grafana", "grafana-silent", lambda e: setattr(e, "grafana", Answer(503))),
)


@pytest.mark.parametrize(
    ("chart", "link", "cause", "fault"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_one_fault_is_named_and_nothing_else(chart: str, link: str, cause: str, fault: Fault) -> None:
    evidence = healthy(chart)
    fault(evidence)
    examined = walk(evidence)
    broken = [(e.link.name, e.finding.cause) for e in examined if e.finding.state is State.BROKEN]
    assert broken == [(link, cause)]
    found = diagnosis(examined)
    assert found is not None
    assert found.finding.said
    assert found.finding.mend


def test_every_link_is_broken_by_some_case() -> None:
    assert {link for _, link, _, _ in CASES} | {"alerts"} == {link.name for link in CHAIN}


def test_a_firing_alert_of_the_release_is_named() -> None:
    evidence = healthy("umbrella")
    alert = {"state": "firing", "labels": {"alertname": "EngineStalls", "severity": "warning"}, "activeAt": "now"}
    evidence.prometheus.groups[0]["rules"][0]["alerts"] = [alert]
    found = diagnosis(walk(evidence))
    assert found is not None
    assert found.finding.cause == "alert-firing"


def test_an_alert_of_a_pod_that_is_gone_is_an_echo() -> None:
    evidence = healthy("umbrella")
    labels = {"alertname": "EngineStalls", "severity": "warning", "pod": "car-engine-gone"}
    evidence.prometheus.groups[0]["rules"][0]["alerts"] = [{"state": "firing", "labels": labels}]
    assert diagnosis(walk(evidence)) is None


def test_a_policy_that_is_not_enforced_breaks_nothing() -> None:
    evidence = healthy("choosy")
    first(evidence, "networkpolicies")["spec"]["ingress"] = []
    assert diagnosis(walk(evidence)) is None


@pytest.mark.parametrize(
    ("chart", "fault", "mend"),
    [
        (
            "ledger",
            put("servicemonitors", "metadata", "labels", value={}),
            "kubectl -n observability label servicemonitor ledger release=kps --overwrite",
        ),
        (
            "choosy",
            put("namespaces", "metadata", "labels", value={}),
            "kubectl label namespace store watched=true",
        ),
        (
            "umbrella",
            probe(404, "/ready", kind="readiness", ready=False),
            "helm upgrade car <chart> -n garage --reuse-values --set probes.readiness.path=/ready",
        ),
    ],
)
def test_the_mend_is_a_command_that_names_everything(chart: str, fault: Fault, mend: str) -> None:
    evidence = healthy(chart)
    fault(evidence)
    found = diagnosis(walk(evidence))
    assert found is not None
    assert found.finding.mend == mend


def finding(evidence: Evidence, link: str) -> tuple[State, str]:
    return next((each.finding.state, each.finding.said) for each in walk(evidence) if each.link.name == link)


def test_a_ready_pod_that_only_the_kubelet_reaches_breaks_nothing() -> None:
    evidence = healthy("umbrella")
    probe(0)(evidence)
    assert finding(evidence, "probes")[0] is State.OK


def test_what_was_not_asked_is_not_called_good() -> None:
    evidence = healthy("umbrella")
    evidence.probes = ()
    reported(samples={})(evidence)
    assert finding(evidence, "probes") == (State.SKIPPED, "no probe asks over HTTP")
    assert finding(evidence, "samples")[0] is State.SKIPPED


def test_a_service_without_ports_is_passed_over() -> None:
    evidence = healthy("choosy")
    first(evidence, "services")["spec"].pop("ports")
    assert finding(evidence, "port-name")[0] in (State.OK, State.BROKEN)
