"""Targets of every kind, of objects that no Helm release made: the chain is the same wherever it is entered."""

from dataclasses import replace

import pytest

from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.errors import CannotExamine
from scrape_doctor.finding import State
from scrape_doctor.resolution import targets_of
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.scope import Scope, Target
from tests.scrape_doctor.faults import first, put, scrape, waiting
from tests.scrape_doctor.world import SETTINGS, World, healthy

ENTRIES = [
    ("umbrella", "deployments"),
    ("umbrella", "services"),
    ("umbrella", "servicemonitors"),
    ("umbrella", "pods"),
    ("ledger", "statefulsets"),
    ("ledger", "services"),
    ("ledger", "servicemonitors"),
    ("courier", "daemonsets"),
    ("courier", "podmonitors"),
    ("courier", "pods"),
    ("choosy", "deployments"),
    ("choosy", "servicemonitors"),
]


def applied(chart: str, kind: str, *, by_name: bool = False) -> World:
    """Return a chart's cluster as if kubectl had applied it, with the first object of a kind as the target."""
    world = healthy(chart)
    for things in world.objects.values():
        for thing in things:
            thing["metadata"].pop("annotations", None)
    target = first(world, kind)
    world.scope = scope_of(target)
    if by_name:
        world.scope = replace(world.scope, target=Target("", name(target)))
    return world


def scope_of(thing: Object) -> Scope:
    return Scope("", namespace(thing), target=Target(thing["kind"].lower(), name(thing)))


def causes(world: World) -> list[tuple[str, str]]:
    return [(e.link.name, e.finding.cause) for e in walk(world.snapshot()) if e.finding.state is State.BROKEN]


@pytest.mark.parametrize(("chart", "kind"), ENTRIES)
def test_a_healthy_chain_is_whole_from_every_entry(chart: str, kind: str) -> None:
    examined = walk(applied(chart, kind).snapshot())
    assert [each for each in examined if each.finding.state in (State.BROKEN, State.NOT_CHECKED)] == []
    assert {e.link.name for e in examined if e.finding.state is State.OK} >= {"pods", "monitor", "target", "samples"}


@pytest.mark.parametrize(("chart", "kind"), ENTRIES)
def test_a_failing_scrape_is_named_from_every_entry(chart: str, kind: str) -> None:
    world = applied(chart, kind)
    scrape("server returned HTTP status 404 Not Found")(world)
    assert causes(world) == [("target", "scrape-path")]


@pytest.mark.parametrize(("chart", "kind"), [entry for entry in ENTRIES if entry[0] == "ledger"])
def test_a_monitor_without_the_label_that_prometheus_wants_is_named(chart: str, kind: str) -> None:
    world = applied(chart, kind)
    put("servicemonitors", "metadata", "labels", value={})(world)
    assert causes(world) == [("prometheus-selection", "monitor-label")]


@pytest.mark.parametrize("kind", ["statefulsets", "services", "servicemonitors"])
def test_a_monitor_that_does_not_look_into_the_namespace_is_named(kind: str) -> None:
    world = applied("ledger", kind)
    first(world, "servicemonitors")["spec"].pop("namespaceSelector")
    assert causes(world) == [("monitor-selection", "monitor-namespace-selector")]


@pytest.mark.parametrize("kind", ["deployments", "services", "servicemonitors", "pods"])
def test_a_service_without_the_label_that_its_monitor_wants_is_named(kind: str) -> None:
    world = applied("umbrella", kind)
    put("services", "metadata", "labels", value={"app.kubernetes.io/name": "engine"})(world)
    put("servicemonitors", "spec", "selector", value={"matchLabels": {"scrape": "yes"}})(world)
    put("servicemonitors", "metadata", "labels", "app.kubernetes.io/name", value="engine")(world)
    assert causes(world) == [("monitor-selection", "monitor-selects-nothing")]


@pytest.mark.parametrize("kind", ["deployments", "services", "servicemonitors"])
def test_a_service_that_selects_no_pod_is_named(kind: str) -> None:
    world = applied("umbrella", kind)
    put("services", "spec", "selector", value={"app": "nothing"})(world)
    put("services", "metadata", "labels", "app.kubernetes.io/name", value="engine")(world)
    put("deployments", "metadata", "labels", value={"app.kubernetes.io/name": "engine"})(world)
    assert ("service", "service-selects-nothing") in causes(world)


def test_without_a_monitor_a_workload_is_told_which_one_to_add() -> None:
    world = applied("umbrella", "deployments")
    world.objects["servicemonitors"] = []
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.cause == "monitor-missing"
    assert found.finding.fix.startswith("apply a ServiceMonitor in namespace garage with spec.selector.matchLabels {")


def test_the_fix_is_for_the_workload_where_helm_did_not_make_it() -> None:
    world = applied("choosy", "deployments")
    waiting("ErrImagePull", "failed to resolve: choosy:1: not found")(world)
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    deployment = f"{name(first(world, 'deployments'))}"
    assert f"kubectl -n store set image deployment/{deployment} " in found.finding.fix
    assert f"kubectl -n store rollout undo deployment/{deployment}" in found.finding.fix


def test_the_fix_is_for_the_helm_release_that_made_the_workload() -> None:
    world = healthy("choosy")
    world.scope = scope_of(first(world, "deployments"))
    assert world.snapshot().scope.release == "shop"
    waiting("ErrImagePull", "failed to resolve: choosy:1: not found")(world)
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert "helm upgrade shop <chart> -n store" in found.finding.fix


@pytest.mark.parametrize(("chart", "kind"), [("umbrella", "servicemonitors"), ("courier", "daemonsets")])
def test_a_bare_name_is_looked_for(chart: str, kind: str) -> None:
    world = applied(chart, kind, by_name=True)
    assert str(world.snapshot().scope.target) == f"{kind.removesuffix('s')}/{name(first(world, kind))}"


def test_a_bare_name_may_be_a_helm_release() -> None:
    world = healthy("choosy")
    world.scope = Scope("", "store", target=Target("", "shop"))
    assert world.snapshot().scope.is_release
    assert causes(world) == []


@pytest.mark.parametrize("chart", SETTINGS)
def test_the_monitoring_is_found_by_itself(chart: str) -> None:
    world = healthy(chart)
    wanted = world.scope
    world.scope = Scope(wanted.release, wanted.namespace, target=wanted.target)
    assert world.snapshot().scope.monitoring_namespace == wanted.monitoring_namespace
    assert causes(world) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Target("deployment", "car-engin"), "there is no deployment/car-engin in namespace garage; the nearest: "),
        (Target("", "car-engin"), "nothing in namespace garage is called car-engin; the nearest: "),
        (
            Target("daemonset", "car-engine"),
            "there is no daemonset/car-engine in namespace garage; the nearest: deployment/car",
        ),
    ],
)
def test_a_target_that_is_not_there_is_one_line_with_the_nearest_names(target: Target, message: str) -> None:
    world = applied("umbrella", "deployments")
    world.scope = Scope("", "garage", target=target)
    with pytest.raises(CannotExamine) as error:
        world.snapshot()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("deployment/shop", Target("deployment", "shop")),
        ("deploy/shop", Target("deployment", "shop")),
        ("Deployments.apps/shop", Target("deployment", "shop")),
        ("svc/shop", Target("service", "shop")),
        ("release/shop", Target("release", "shop")),
        ("shop", Target("", "shop")),
    ],
)
def test_a_target_is_read_as_kubectl_reads_it(text: str, target: Target) -> None:
    assert Target.parse(text) == target


@pytest.mark.parametrize("text", ["job/shop", "deployment/", ""])
def test_what_is_no_target_is_refused_with_the_kinds(text: str) -> None:
    with pytest.raises(CannotExamine, match="KIND is release, deployment, "):
        Target.parse(text)


def test_without_a_target_every_monitor_and_every_unselected_metrics_service_is_examined() -> None:
    world = applied("umbrella", "deployments")
    port = {"name": "http-metrics", "port": 80}
    spec = {"selector": {"app": "x"}, "ports": [port]}
    lonely = {"kind": "Service", "metadata": {"name": "lonely", "namespace": "garage"}, "spec": spec}
    world.all("services").append(lonely)
    cluster = world.snapshot().cluster
    assert [str(each.target) for each in targets_of(cluster, Scope("", "garage"))] == [
        "servicemonitor/engine",
        "service/lonely",
    ]
    with pytest.raises(CannotExamine, match="namespace empty has no ServiceMonitor"):
        targets_of(cluster, Scope("", "empty"))


def test_the_instance_of_a_release_does_not_make_its_parts_one_application() -> None:
    # As in kube-prometheus-stack: the operator makes the pods of one Service, which is not compared with another's.
    world = applied("umbrella", "services")
    shared = {"app.kubernetes.io/instance": "car"}
    for kind in ("deployments", "services", "servicemonitors"):
        first(world, kind)["metadata"].setdefault("labels", {}).update(shared)
    labels = {"app": "wheel", **shared}
    spec = {"selector": {"operator": "wheel"}, "ports": [{"name": "metrics", "port": 80}]}
    service = {"kind": "Service", "metadata": {"name": "wheel", "namespace": "garage", "labels": labels}, "spec": spec}
    world.all("services").append(service)
    world.scope = replace(scope_of(service), manifests=True)
    assert world.snapshot().subject.workloads == ()
    assert "service-selects-nothing" not in {cause for _, cause in causes(world)}


@pytest.mark.parametrize(
    ("kind", "links"),
    [
        ("prometheusrules", ["release", "prometheus", "rules"]),
        ("configmaps", ["release", "dashboards", "grafana"]),
        ("prometheuses", ["release", "prometheus"]),
    ],
)
def test_what_is_not_scraped_has_a_chain_of_its_own(kind: str, links: list[str]) -> None:
    world = applied("umbrella", kind)
    examined = walk(world.snapshot())
    assert [each.link.name for each in examined] == links
    assert State.BROKEN not in {each.finding.state for each in examined}


def test_a_rule_is_examined_by_itself() -> None:
    world = applied("umbrella", "prometheusrules")
    put("prometheusrules", "metadata", "labels", value={})(world)
    assert causes(world) == [("rules", "rule-label")]


def test_a_service_whose_pods_are_scraped_by_another_way_is_no_target() -> None:
    # As kube-dns, which the stack scrapes by a Service of its own.
    world = applied("umbrella", "services")
    scraped = first(world, "services")
    metadata = {"name": "dns", "namespace": "garage", "annotations": {"prometheus.io/scrape": "true"}}
    world.all("services").append({"kind": "Service", "metadata": metadata, "spec": dict(scraped["spec"])})
    scope = Scope("", "garage")
    assert [str(each.target) for each in targets_of(world.snapshot().cluster, scope)] == ["servicemonitor/engine"]
    world.objects["servicemonitors"] = []
    assert "service/dns" in [str(each.target) for each in targets_of(world.snapshot().cluster, scope)]
    monitor = {"selector": {"matchLabels": first(world, "pods")["metadata"]["labels"]}, "podMetricsEndpoints": []}
    metadata = {"name": "by-pod", "namespace": "garage"}
    world.objects["podmonitors"] = [{"kind": "PodMonitor", "metadata": metadata, "spec": monitor}]
    assert [str(each.target) for each in targets_of(world.snapshot().cluster, scope)] == ["podmonitor/by-pod"]
