"""Charts that are not ours: healthy, every link holds; with one thing wrong, that very link is named and no other."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doctor import links
from doctor.chain import CHAIN, diagnosis, walk
from doctor.evidence import SHARD, Answer, Evidence, HelmRelease, ProbeAnswer
from doctor.finding import State
from doctor.links import dashboard_metrics, target
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


def reported_as(health: str) -> Fault:
    def fault(evidence: Evidence) -> None:
        targets = tuple({**target, "health": health} for target in evidence.prometheus.targets)
        evidence.prometheus = replace(evidence.prometheus, targets=targets)

    return fault


def unanswered(reason: str) -> Fault:
    """Let a running pod that is not Ready leave its readiness probe unanswered."""

    def fault(evidence: Evidence) -> None:
        pod = first(evidence, "pods")
        answer = Answer(0, reason)
        evidence.probes = (
            ProbeAnswer(pod["metadata"]["name"], container(evidence)["name"], "readiness", "/x", 1, answer),
        )
        unready(evidence, {"running": {}})

    return fault


def drop_a_target(evidence: Evidence) -> None:
    evidence.prometheus = replace(evidence.prometheus, targets=evidence.prometheus.targets[1:])


def fail_a_rule(evidence: Evidence) -> None:
    evidence.prometheus.groups[0]["rules"][0].update(health="err", lastError="many-to-many matching not allowed")


def fire(evidence: Evidence, labels: dict[str, str]) -> None:
    """Let the release's own alert fire with some labels."""
    alert = {"state": "firing", "labels": {"alertname": "EngineStalls", "severity": "warning", **labels}}
    alert["annotations"] = {"summary": "the engine stalls"}
    evidence.prometheus.groups[0]["rules"][0]["alerts"] = [alert]


def grafana_pod(evidence: Evidence, looks_into: str) -> Object:
    """Return a Grafana with a sidecar that looks for dashboards in one namespace."""
    env = [{"name": "LABEL", "value": "grafana_dashboard"}, {"name": "NAMESPACE", "value": looks_into}]
    return {
        "kind": "Pod",
        "metadata": {"name": "grafana-0", "namespace": evidence.names.monitoring_namespace},
        "spec": {"containers": [{"name": "grafana-sc-dashboard", "env": env}]},
        "status": {"phase": "Running"},
    }


FORBIDS_TEAM = {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}
OTHERS = {"matchLabels": {"app": "somebody-else"}}
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
    ("ledger", "release", "release-empty", lambda e: e.objects.pop("statefulsets")),
    ("ledger", "image", "image-not-pulled", waiting("ErrImagePull", "dial tcp 10.9.9.9:443: i/o timeout")),
    ("ledger", "pods", "pod-not-ready", lambda e: unready(e, {"running": {}})),
    ("umbrella", "pods", "probe-port-refused", unanswered("connection refused or cut: ConnectError")),
    ("umbrella", "pods", "probe-timeout", unanswered("timeout: no answer within 5 s")),
    (
        "umbrella",
        "monitor",
        "monitor-kind-missing",
        lambda e: (e.objects.pop("servicemonitors"), e.unknown.update(servicemonitors="not found")),
    ),
    ("ledger", "prometheus", "prometheus-not-ready", lambda e: e.all("pods").pop()),
    ("courier", "monitor-selection", "monitor-selects-nothing", put("podmonitors", "spec", "selector", value=OTHERS)),
    ("ledger", "target", "target-fresh", reported_as("unknown")),
    ("ledger", "target", "target-incomplete", lambda e: drop_a_target(e)),
    ("ledger", "target", "scrape-denied", scrape("server returned HTTP status 401 Unauthorized")),
    ("ledger", "target", "scrape-status", scrape("server returned HTTP status 500 INTERNAL SERVER ERROR")),
    ("ledger", "target", "scrape-not-tls", scrape("server returned HTTP status 400 Bad Request")),
    ("ledger", "target", "scrape-tls-unspoken", scrape("http: server gave HTTP response to HTTPS client")),
    ("ledger", "target", "scrape-certificate", scrape("tls: failed to verify certificate: x509: unknown authority")),
    ("ledger", "target", "scrape-limit", scrape("sample limit exceeded")),
    ("ledger", "target", "scrape-limit", scrape("body size limit exceeded")),
    ("ledger", "target", "scrape-cut", scrape('Get "http://10.0.0.1:9187/stats": EOF')),
    ("ledger", "target", "scrape-name", scrape("dial tcp: lookup db.example.com: no such host")),
    ("ledger", "target", "scrape-format", scrape('"<" is not a valid start token')),
    ("ledger", "target", "scrape-failed", scrape("something that nobody thought of")),
    ("umbrella", "rules", "rule-namespace", put("prometheuses", "spec", "ruleNamespaceSelector", value=None)),
    (
        "umbrella",
        "rules",
        "rule-rejected",
        both(reported(groups=()), event("PrometheusRule", "engine", "InvalidConfiguration", "groups[0]: no name")),
    ),
    ("umbrella", "rules", "rule-failing", lambda e: fail_a_rule(e)),
    ("umbrella", "dashboards", "dashboard-namespace", lambda e: e.all("pods").append(grafana_pod(e, "prom-system"))),
    ("umbrella", "alerts", "alert-firing", lambda e: fire(e, {})),
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
    assert {link for _, link, _, _ in CASES} == {link.name for link in CHAIN}


def test_every_cause_is_named_by_some_case() -> None:
    assert {cause for _, _, cause, _ in CASES} == set(causes())


def causes() -> Iterator[str]:
    """Yield every code that the links can give, as their source has it."""
    for module in Path(links.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="broken"), args=[ast.JoinedStr() as code, *_]):
                    yield from (f"{word}{ast.literal_eval(code.values[1])}" for word in ("monitor", "rule"))
                case ast.Call(func=ast.Name(id="broken"), args=[ast.IfExp(body=one, orelse=other), *_]):
                    yield from (ast.literal_eval(one), ast.literal_eval(other))
                case ast.Call(func=ast.Name(id="broken"), args=[ast.Constant(value=str(code)), *_]):
                    yield code
                case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id="cause"), *_])], value=ast.Tuple(elts=[code, *_])):
                    yield ast.literal_eval(code)
    yield from (code for _, code in target.CAUSES)
    yield from target.MENDS


def test_an_alert_of_a_pod_that_is_gone_is_an_echo() -> None:
    evidence = healthy("umbrella")
    fire(evidence, {"pod": "car-engine-gone"})
    assert diagnosis(walk(evidence)) is None


@pytest.mark.parametrize(
    ("labels", "ours"),
    [
        ({"pod": "car-engine-0"}, True),
        ({"deployment": "car-engine"}, True),
        ({"job": "umbrella"}, True),
        ({"pod": "somebody-else-0"}, False),
        ({"deployment": "somebody-else"}, False),
        ({}, False),
    ],
)
def test_of_others_alerts_in_the_namespace_only_those_about_the_release_count(
    labels: dict[str, str], ours: bool
) -> None:
    evidence = healthy("umbrella")
    fire(evidence, {"namespace": "garage", **labels})
    group = {**evidence.prometheus.groups[0], "file": "/etc/prometheus/rules/x/monitoring-stack-1.yaml", "name": "k8s"}
    reported(groups=(group, *healthy("umbrella").prometheus.groups))(evidence)
    found = diagnosis(walk(evidence))
    assert (found is not None and found.finding.cause == "alert-firing") is ours


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
            'kubectl -n garage patch deployment car-engine --type=json -p \'[{"op":"replace",'
            '"path":"/spec/template/spec/containers/0/readinessProbe/httpGet/path","value":"/ready"}]\'',
        ),
        (
            "ledger",
            put("servicemonitors", "spec", "endpoints", value=[{"targetPort": 1}, {"port": "sqll"}]),
            "name the Service's port 'sqll' again, or: kubectl -n observability patch servicemonitor ledger "
            '--type=json -p \'[{"op":"replace","path":"/spec/endpoints/1/port","value":"sql"}]\'',
        ),
        (
            "ledger",
            scrape("server returned HTTP status 404 Not Found"),
            "kubectl -n observability patch servicemonitor ledger "
            '--type=json -p \'[{"op":"add","path":"/spec/endpoints/0/path","value":"/metrics"}]\'',
        ),
        (
            "umbrella",
            scrape("server returned HTTP status 404 Not Found"),
            "let the application have its metrics there, or ask where it has them: kubectl -n garage patch "
            'servicemonitor engine --type=json -p \'[{"op":"add","path":"/spec/endpoints/0/path","value":"<path>"}]\'',
        ),
        (
            "choosy",
            put("prometheuses", "spec", "serviceMonitorSelector", value=FORBIDS_TEAM),
            "kubectl -n store label servicemonitor choosy team- --overwrite",
        ),
        (
            "ledger",
            both(
                lambda e: container(e).update(image=f"registry.example.com/bank/ledger@sha256:{'0' * 64}"),
                lambda e: setattr(
                    e, "helm", HelmRelease(1, "deployed", values={"image": {"digest": f"sha256:{'0' * 64}"}})
                ),
                waiting("ErrImagePull", "failed to resolve: not found"),
            ),
            "push it, or set one that exists: helm upgrade books <chart> -n bank --reuse-values "
            "--set image.digest=<digest>; or go back: helm rollback books -n bank",
        ),
        (
            "courier",
            waiting("ImagePullBackOff", "Back-off pulling image"),
            "helm upgrade post <chart> -n mail --reuse-values --set image=<registry>/<you>/<name>",
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


def joined(evidence: Evidence, kind: str, thing: Object) -> None:
    evidence.objects.setdefault(kind, []).append(thing)


def test_a_monitor_that_takes_only_anothers_service_selects_nothing() -> None:
    evidence = healthy("umbrella")
    labels = {"app": "somebody-else"}
    spec = {"selector": labels, "ports": [{"name": "metrics", "port": 80}]}
    joined(evidence, "services", {"metadata": {"name": "other", "namespace": "garage", "labels": labels}, "spec": spec})
    put("servicemonitors", "spec", "selector", value={"matchLabels": labels})(evidence)
    assert finding(evidence, "monitor-selection") == (
        State.BROKEN,
        "ServiceMonitor garage/engine selects no Service: Service car-engine lacks app=somebody-else",
    )


@pytest.mark.parametrize(("kind", "chart"), [("servicemonitors", "umbrella"), ("podmonitors", "courier")])
def test_a_monitor_that_was_applied_by_hand_is_the_releases_if_it_takes_it(kind: str, chart: str) -> None:
    evidence = healthy(chart)
    first(evidence, kind)["metadata"]["annotations"] = {}
    assert diagnosis(walk(evidence)) is None


def test_a_monitor_that_takes_just_everything_is_nobodys() -> None:
    evidence = healthy("courier")
    first(evidence, "podmonitors")["metadata"]["annotations"] = {}
    put("podmonitors", "spec", "selector", value={"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]})(
        evidence
    )
    found = diagnosis(walk(evidence))
    assert found is not None
    assert found.finding.cause == "monitor-missing"
    assert found.finding.saw == ("PodMonitor courier selects !x",)


def test_targets_are_known_by_the_pod_that_was_discovered_whatever_the_label_says() -> None:
    evidence = healthy("ledger")
    rewritten = [
        {
            **each,
            "labels": {**each["labels"], "pod": "db"},
            "discoveredLabels": {"__meta_kubernetes_pod_name": each["labels"]["pod"]},
        }
        for each in evidence.prometheus.targets
    ]
    reported(targets=tuple(rewritten))(evidence)
    assert finding(evidence, "target") == (State.OK, "3 of 3 up")


def test_a_monitor_that_drops_pods_by_relabelling_owes_no_target_for_each() -> None:
    evidence = healthy("ledger")
    drop_a_target(evidence)
    first(evidence, "servicemonitors")["spec"]["endpoints"][0]["relabelings"] = [{"action": "drop"}]
    assert finding(evidence, "target") == (State.OK, "2 of 2 up")


def test_a_podmonitor_needs_no_right_to_services() -> None:
    evidence = healthy("courier")
    evidence.denied = ("services", "endpointslices")
    assert diagnosis(walk(evidence)) is None
    evidence.denied = ("pods", "services")
    assert finding(evidence, "discovery")[0] is State.BROKEN


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [("configmaps", ["dashboards", "dashboard-metrics"]), ("networkpolicies", ["network-policy"])],
)
def test_what_may_not_be_read_is_left_out_and_called_neither_good_nor_absent(kind: str, left_out: list[str]) -> None:
    evidence = healthy("umbrella")
    evidence.objects.pop(kind, None)
    evidence.closed[kind] = "forbidden"
    assert [e.link.name for e in walk(evidence) if "may not be read: forbidden" in e.finding.said] == left_out
    assert {e.finding.state for e in walk(evidence) if e.link.name in left_out} == {State.SKIPPED}


def test_a_selection_by_labels_of_a_namespace_that_may_not_be_read_is_not_judged() -> None:
    evidence = healthy("choosy")
    evidence.objects.pop("namespaces")
    assert finding(evidence, "prometheus-selection")[0] is State.SKIPPED


def test_of_two_prometheus_objects_the_one_that_takes_the_monitor_counts() -> None:
    evidence = healthy("umbrella")
    other = {"metadata": {"name": "q", "namespace": "prom-system", "labels": {"release": "prom"}}, "spec": {}}
    joined(evidence, "prometheuses", other)
    assert diagnosis(walk(evidence)) is None


def test_a_shard_without_a_ready_pod_is_named() -> None:
    evidence = healthy("umbrella")
    second = deepcopy(evidence.all("pods")[-1])
    second["metadata"]["labels"][SHARD] = "1"
    second["status"]["conditions"] = []
    joined(evidence, "pods", second)
    assert finding(evidence, "prometheus") == (State.BROKEN, "Prometheus p has no Ready pod")


def test_the_kubelets_word_on_a_sidecar_is_not_taken_for_the_application() -> None:
    evidence = healthy("umbrella")
    pod = first(evidence, "pods")
    sidecar = {"name": "proxy", "image": "proxy:1", "readinessProbe": {"httpGet": {"path": "/proxy", "port": 1}}}
    pod["spec"]["containers"].append(sidecar)
    evidence.probes = ()
    unready(evidence, {"running": {}})
    pod["status"]["containerStatuses"].append({**container(evidence), "name": "proxy"})
    where = {"kind": "Pod", "name": pod["metadata"]["name"], "fieldPath": "spec.containers{proxy}"}
    text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    joined(evidence, "events", {"involvedObject": where, "reason": "Unhealthy", "message": text})
    assert "on /proxy: answers 503" in finding(evidence, "pods")[1]


def test_a_policy_is_held_against_ports_that_no_container_declares() -> None:
    evidence = healthy("choosy")
    put("services", "spec", "ports", 0, "targetPort", value=9999)(evidence)
    scrape("context deadline exceeded")(evidence)
    assert "on port 9999 (ingress)" in finding(evidence, "network-policy")[1]


def test_a_policy_is_not_blamed_for_a_scrape_that_was_answered() -> None:
    evidence = healthy("choosy")
    first(evidence, "networkpolicies")["spec"]["ingress"] = []
    scrape("server returned HTTP status 404 Not Found")(evidence)
    found = diagnosis(walk(evidence))
    assert found is not None
    assert found.finding.cause == "scrape-path"


@pytest.mark.parametrize(
    ("query", "metrics"),
    [
        ("rate(engine_revs_total[$interval])", {"engine_revs_total"}),
        ('max_over_time(engine_heat{pod=~"$pod"}[$window:$step])', {"engine_heat"}),
        ("sum by ($by) (engine_heat)", {"engine_heat"}),
        ("engine_$what", set()),
    ],
)
def test_metrics_are_read_whatever_variable_a_query_has(query: str, metrics: set[str]) -> None:
    assert dashboard_metrics.read_by(query) == metrics


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ('label_values(engine_revs_total{job="a"}, pod)', 'engine_revs_total{job="a"}'),
        ({"query": "query_result(topk(3, engine_heat))"}, "topk(3, engine_heat)"),
        ("label_values(namespace)", ""),
    ],
)
def test_a_dashboards_variables_are_queries_too(query: object, expression: str) -> None:
    board = {"templating": {"list": [{"name": "pod", "type": "query", "query": query}]}}
    assert list(dashboard_metrics.queries(board)) == ([("pod", expression)] if expression else [])
