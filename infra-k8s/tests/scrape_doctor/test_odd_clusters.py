"""Clusters that are set up unlike most: each is examined, nothing whole is blamed, and no error is a traceback."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from scrape_doctor.__main__ import main
from scrape_doctor.chain import Examined, diagnosis, walk
from scrape_doctor.errors import CannotExamine
from scrape_doctor.finding import State
from scrape_doctor.monitoring import SHARD
from scrape_doctor.read.snapshot import read
from scrape_doctor.resources.objects import Object
from scrape_doctor.resources.relabeling import dropping_step
from scrape_doctor.scope import Scope, Target
from tests.scrape_doctor.api_server import ApiServer
from tests.scrape_doctor.faults import first, put, unready
from tests.scrape_doctor.world import healthy

OPERATOR_KINDS = {
    *("servicemonitors", "podmonitors", "probes", "prometheusrules", "prometheuses", "prometheusagents"),
    "scrapeconfigs",
}
ENGINE = Scope("", "garage", target=Target("servicemonitor", "engine"))
DEPLOYMENT = Scope("", "garage", target=Target("deployment", "car-engine"))


def server(chart: str = "umbrella") -> ApiServer:
    world = healthy(chart)
    for thing in (thing for things in world.objects.values() for thing in things):
        thing["metadata"].pop("annotations", None)
    return ApiServer([world])


def examined(api_server: ApiServer, scope: Scope = ENGINE) -> list[Examined]:
    (snapshot,) = asyncio.run(read(api_server.api, [scope], 5))
    return walk(snapshot)


def states(found: list[Examined]) -> dict[str, State]:
    return {each.link.name: each.finding.state for each in found}


def is_whole(found: list[Examined]) -> bool:
    return not {State.BROKEN, State.NOT_CHECKED} & set(states(found).values())


def prometheus_paths(api_server: ApiServer) -> list[str]:
    return sorted(path for path in api_server.asked if path.endswith("/targets"))


def test_without_the_operators_kinds_the_monitor_is_named_as_missing() -> None:
    api_server = server()
    api_server.not_served = OPERATOR_KINDS
    found = examined(api_server, DEPLOYMENT)
    first_broken = diagnosis(found)
    assert first_broken is not None
    assert first_broken.finding.cause == "monitor-kind-missing"
    assert states(found)["pods"] is State.OK


def test_the_operators_kinds_in_another_version_are_one_line() -> None:
    api_server = server()
    api_server.not_served, api_server.versions = OPERATOR_KINDS, ["v2"]
    with pytest.raises(CannotExamine, match=r"serves monitoring\.coreos\.com as v2 and not as v1"):
        examined(api_server, DEPLOYMENT)


def test_an_empty_cluster_is_one_line() -> None:
    with pytest.raises(CannotExamine, match="the cluster has no ServiceMonitor"):
        asyncio.run(read(ApiServer([]).api, [Scope("", "", everywhere=True)], 5))


def test_every_shard_is_asked_and_their_targets_count_together() -> None:
    api_server = server()
    world = api_server.worlds[0]
    second = deepcopy(world.all("pods")[-1])
    second["metadata"] |= {"name": "prometheus-p-shard-1-0", "labels": {**second["metadata"]["labels"], SHARD: "1"}}
    world.all("pods").append(second)
    first(world, "prometheuses")["spec"]["shards"] = 2
    assert is_whole(examined(api_server))
    assert [path.split(":")[1] for path in prometheus_paths(api_server)] == ["prometheus-p-0", "prometheus-p-shard-1-0"]


def agent(mode: str) -> ApiServer:
    """Return a cluster whose only Prometheus is an agent with two pods."""
    api_server = server()
    world = api_server.worlds[0]
    thing = world.objects.pop("prometheuses")[0]
    thing["spec"]["mode"] = mode
    world.objects["prometheusagents"] = [{**thing, "kind": "PrometheusAgent"}]
    pod = world.all("pods")[-1]
    pod["metadata"]["labels"]["app.kubernetes.io/name"] = "prometheus-agent"
    world.all("pods").append({**deepcopy(pod), "metadata": {**pod["metadata"], "name": "prom-agent-p-1"}})
    return api_server


@pytest.mark.parametrize(("mode", "asked"), [("StatefulSet", 1), ("DaemonSet", 2)])
def test_an_agent_is_asked_for_its_targets_alone(mode: str, asked: int) -> None:
    api_server = agent(mode)
    assert is_whole(examined(api_server))
    assert len(prometheus_paths(api_server)) == asked
    assert not any(path.endswith(("/query", "/rules")) for path in api_server.asked)


@pytest.mark.parametrize(
    ("spec", "prefix"),
    [
        ({"routePrefix": "/prom"}, "/prom"),
        ({"routePrefix": "/prom/", "externalUrl": "https://example.com/prom"}, "/prom"),
        ({"externalUrl": "https://example.com/prom"}, ""),  # the operator serves on / then too
    ],
)
def test_a_path_prefix_is_followed(spec: dict[str, str], prefix: str) -> None:
    api_server = server()
    first(api_server.worlds[0], "prometheuses")["spec"].update(spec)
    api_server.prefix = prefix
    assert is_whole(examined(api_server))


def test_a_prometheus_that_speaks_tls_is_asked_over_https() -> None:
    api_server = server()
    put("prometheuses", "spec", "web", value={"tlsConfig": {"cert": {}}})(api_server.worlds[0])
    assert is_whole(examined(api_server))
    assert all("/pods/https:prometheus-p-0:9090/" in path for path in prometheus_paths(api_server))


def test_a_prometheus_that_asks_for_credentials_is_neither_silent_nor_whole() -> None:
    api_server = server()
    api_server.credentials = True
    found = examined(api_server)
    assert State.BROKEN not in states(found).values()
    (finding,) = (each.finding for each in found if each.link.name == "prometheus")
    assert finding.state is State.NOT_CHECKED
    assert "it asks for credentials" in finding.message
    assert states(found)["prometheus-selection"] is State.OK
    assert states(found)["target"] is State.NOT_CHECKED


@pytest.mark.parametrize(
    ("slow", "cause"),
    [({"prometheus-p-0", "prometheus-operated"}, "prometheus-silent"), ({"car-engine-0"}, "probe-timeout")],
)
def test_a_pod_that_does_not_answer_in_time_is_named_and_ends_no_run(slow: set[str], cause: str) -> None:
    api_server = server()
    if cause == "probe-timeout":
        unready(api_server.worlds[0], {"running": {}})
    api_server.slow, api_server.allowed = slow, lambda verb, resource, place: resource != "pods/portforward"
    first_broken = diagnosis(examined(api_server, DEPLOYMENT))
    assert first_broken is not None
    assert first_broken.finding.cause == cause


def openshift() -> ApiServer:
    """Return a cluster with OpenShift's two stacks: one for the platform, one for what users run."""
    api_server = server()
    world = api_server.worlds[0]
    platform = first(world, "prometheuses")
    label = "openshift.io/cluster-monitoring"
    users = deepcopy(platform)
    platform["metadata"] |= {"name": "k8s", "namespace": "openshift-monitoring", "labels": {}}
    users["metadata"] |= {"name": "user-workload", "namespace": "openshift-user-workload-monitoring", "labels": {}}
    for thing, operator in ((platform, "In"), (users, "NotIn")):
        expression = {"key": label, "operator": operator, "values": ["true"]}
        thing["spec"] = {
            "listenLocal": True,
            **{f"{kind}Selector": {} for kind in ("serviceMonitor", "rule")},
            **{f"{kind}NamespaceSelector": {"matchExpressions": [expression]} for kind in ("serviceMonitor", "rule")},
        }
    world.all("prometheuses").append(users)
    pod = world.all("pods")[-1]
    for thing in (platform, users):
        labels = {"operator.prometheus.io/name": thing["metadata"]["name"]}
        metadata = {"name": f"prometheus-{thing['metadata']['name']}-0", "namespace": thing["metadata"]["namespace"]}
        # The port `web` is that of a proxy beside it; Prometheus itself listens on 127.0.0.1:9090.
        containers = [{"name": "kube-rbac-proxy", "ports": [{"name": "web", "containerPort": 9091}]}]
        spec = {"containers": [{"name": "prometheus"}, *containers]}
        world.all("pods").append({**deepcopy(pod), "metadata": {**metadata, "labels": labels}, "spec": spec})
    world.all("pods").remove(pod)
    return api_server


def test_of_openshifts_two_stacks_the_one_for_users_is_asked() -> None:
    api_server = openshift()
    assert is_whole(examined(api_server))
    assert prometheus_paths(api_server) == [
        "openshift-user-workload-monitoring/pods/http:prometheus-user-workload-0:9090/proxy/api/v1/targets"
    ]


def test_in_a_namespace_of_the_platform_the_platforms_stack_is_asked() -> None:
    api_server = openshift()
    labels = {"kubernetes.io/metadata.name": "garage", "openshift.io/cluster-monitoring": "true"}
    first(api_server.worlds[0], "namespaces")["metadata"]["labels"] = labels
    assert is_whole(examined(api_server))
    assert prometheus_paths(api_server)[0].startswith("openshift-monitoring/")


@pytest.mark.parametrize("arguments", [["--all"], ["servicemonitor/engine", "-n", "garage"]])
def test_an_api_server_that_dies_at_any_request_is_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    api_server = server()
    needed = api_server.left
    assert run(api_server, arguments) == 0
    needed -= api_server.left
    capsys.readouterr()
    for requests in range(needed):
        api_server = server()
        api_server.left = requests
        assert run(api_server, arguments) == 2, requests
        printed = capsys.readouterr()
        assert printed.err.startswith("doctor: the cluster cannot be reached: "), requests
        assert printed.err.count("\n") == 1
        assert printed.out == ""


def run(api_server: ApiServer, arguments: list[str]) -> int:
    """Run the command against a server."""

    async def connect(context: str | None = None) -> Any:
        methods: dict[str, Callable[..., Any]] = {"call_api": api_server.call_api}
        return SimpleNamespace(namespace="default", **methods)

    with mock.patch("kr8s.asyncio.api", connect), mock.patch("scrape_doctor.temporary_files.delete_at_exit"):
        return main(arguments)


def test_the_command_examines_such_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server(), ["--all"]) == 0
    assert "servicemonitor/engine in garage" in capsys.readouterr().out


def test_ports_are_known_by_either_role_of_discovery() -> None:
    step: Object = {"action": "keep", "sourceLabels": ["endpoint"], "regex": "metrics"}
    for role in ("endpoint", "endpointslice"):
        for port, kept in (("metrics", True), ("web", False)):
            discovered = {f"__meta_kubernetes_{role}_port_name": port}
            assert (dropping_step([step], discovered) is None) is kept
