"""What a link makes of the evidence beyond the fault that breaks it: what is not its matter, what it may not see."""

from copy import deepcopy

import pytest

from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.checks import dashboard_metrics
from scrape_doctor.evidence import SHARD, Evidence
from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    container,
    drop_a_target,
    fire,
    first,
    joined,
    probe,
    put,
    reported,
    scrape,
    unready,
)
from tests.scrape_doctor.world import healthy


def finding(evidence: Evidence, link: str) -> tuple[State, str]:
    return next((each.finding.state, each.finding.message) for each in walk(evidence) if each.link.name == link)


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
    assert found.finding.observations == ("PodMonitor courier selects !x",)


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
    assert [e.link.name for e in walk(evidence) if "may not be read: forbidden" in e.finding.message] == left_out
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
