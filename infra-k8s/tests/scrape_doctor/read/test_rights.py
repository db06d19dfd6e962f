"""Rights that are missing: the links that hang on them are not checked and say which; all others are decided."""

import asyncio
from dataclasses import replace

import pytest

from scrape_doctor.chain import Examined, walk
from scrape_doctor.errors import CannotExamine
from scrape_doctor.finding import State
from scrape_doctor.read.snapshot import read
from scrape_doctor.scope import Scope, Target
from tests.scrape_doctor.api_server import Allowed, ApiServer, everything
from tests.scrape_doctor.faults import put
from tests.scrape_doctor.world import SETTINGS, World, healthy

TARGETS = {
    "umbrella": Target("deployment", "car-engine"),
    "ledger": Target("servicemonitor", "ledger"),
    "courier": Target("podmonitor", "courier"),
    "sentinel": Target("probe", "sites"),
}
OWN = {"umbrella": "garage", "ledger": "observability", "courier": "mail", "sentinel": "lookout"}


def server(chart: str, allowed: Allowed = everything) -> ApiServer:
    """Return a server with a chart whose objects kubectl applied."""
    world = healthy(chart)
    for thing in (thing for things in world.objects.values() for thing in things):
        thing["metadata"].pop("annotations", None)
    return ApiServer([world], allowed)


def examined(api_server: ApiServer, chart: str) -> list[Examined]:
    scope = Scope("", OWN[chart], target=TARGETS[chart])
    (snapshot,) = asyncio.run(read(api_server.api, [scope], 5))
    return walk(snapshot)


def states(found: list[Examined], state: State) -> dict[str, str]:
    return {each.link.name: each.finding.message for each in found if each.finding.state is state}


def without(verb: str, resource: str, place: str | None = None) -> Allowed:
    """Allow everything but one right, in one namespace or everywhere."""

    def allowed(asked: str, of: str, where: str) -> bool:
        return not (asked == verb and of == resource and place in (None, where))

    return allowed


def only_in(own: str) -> Allowed:
    """Allow `get` and `list` in one namespace alone, and neither a proxy nor a port-forward."""
    return lambda verb, resource, place: place == own and verb in ("get", "list") and "/" not in resource


@pytest.mark.parametrize("chart", TARGETS)
def test_with_full_rights_every_link_is_decided(chart: str) -> None:
    found = examined(server(chart), chart)
    assert states(found, State.NOT_CHECKED) == states(found, State.BROKEN) == {}
    assert {each.link.name for each in found if each.finding.state is State.OK} >= {"prometheus", "target", "samples"}


LISTED = (
    *("pods", "services", "events", "configmaps", "deployments", "statefulsets", "daemonsets", "networkpolicies"),
    *("servicemonitors", "podmonitors", "probes", "prometheuses", "prometheusagents", "prometheusrules"),
    *("nodes", "namespaces", "ingresses", "replicasets", "scrapeconfigs"),
)


@pytest.mark.parametrize("chart", TARGETS)
@pytest.mark.parametrize("resource", LISTED)
def test_without_one_right_nothing_whole_is_blamed_and_the_right_is_named(chart: str, resource: str) -> None:
    api_server = server(chart, without("list", resource))
    if resource == f"{TARGETS[chart].kind}s":
        words = f"may not list {resource} in namespace {OWN[chart]}: needs the right to get and list them"
        with pytest.raises(CannotExamine, match=words):
            examined(api_server, chart)
        return
    found = examined(api_server, chart)
    assert states(found, State.BROKEN) == {}
    lacks = [each.finding for each in found if each.finding.is_unsettled]
    assert all(resource in finding.right for finding in lacks)
    if resource == "pods":
        assert {each.link.name for each in found if each.finding.right} >= {"image", "grafana"}
    if resource == "prometheuses":
        assert states(found, State.NOT_CHECKED)["prometheus"] == (
            "needs the right to list prometheuses in every namespace"
        )


@pytest.mark.parametrize("chart", ["umbrella", "courier"])
def test_get_and_list_in_one_namespace_is_enough_to_be_useful(chart: str) -> None:
    found = examined(server(chart, only_in(OWN[chart])), chart)
    assert states(found, State.BROKEN) == {}
    decided = states(found, State.OK)
    assert decided.keys() >= {"release", "image", "pods", "monitor", "port-name", "monitor-selection"}
    undecided = states(found, State.NOT_CHECKED)
    assert undecided["prometheus"] == "needs the right to list prometheuses in every namespace"
    assert undecided["target"] == "depends on: prometheus"


def test_what_one_namespace_decides_is_named_there() -> None:
    api_server = server("umbrella", only_in("garage"))
    put("services", "spec", "ports", 0, "name", value="http")(api_server.worlds[0])
    assert states(examined(api_server, "umbrella"), State.BROKEN).keys() == {"port-name"}


def test_without_any_right_the_target_cannot_be_examined() -> None:
    for target, words in ((TARGETS["umbrella"], "may not list deployments"), (Target("", "car"), "cannot find car")):
        scope = Scope("", "garage", target=target)
        with pytest.raises(CannotExamine, match=words):
            asyncio.run(read(server("umbrella", lambda *_: False).api, [scope], 5))
    with pytest.raises(CannotExamine, match="may not list servicemonitors, podmonitors, services in every namespace"):
        asyncio.run(read(server("umbrella", lambda *_: False).api, [Scope("", "", everywhere=True)], 5))
    with pytest.raises(CannotExamine, match="may not list servicemonitors, podmonitors, services in namespace garage"):
        asyncio.run(read(server("umbrella", lambda *_: False).api, [Scope("", "garage")], 5))


def no_proxy(*more: str) -> Allowed:
    return lambda verb, resource, place: resource not in ("pods/proxy", *more)


def test_prometheus_is_asked_by_its_service_where_the_pods_proxy_is_refused() -> None:
    api_server = server("umbrella", no_proxy())
    assert states(examined(api_server, "umbrella"), State.NOT_CHECKED).keys() <= {"probes", "grafana"}
    assert any("services/http:prometheus-operated:9090/proxy/api/v1/targets" in path for path in api_server.asked)


def test_prometheus_is_asked_by_its_service_where_its_pods_may_not_be_listed() -> None:
    found = examined(server("umbrella", without("list", "pods", "prom-system")), "umbrella")
    # The list of all pods is refused with it, that of the target's namespace is not.
    assert states(found, State.OK).keys() >= {"pods", "prometheus", "target", "samples"}
    assert states(found, State.BROKEN) == {}


def test_of_several_prometheuses_in_a_namespace_the_service_leads_to_any_and_is_not_asked() -> None:
    api_server = server("umbrella", no_proxy("pods/portforward"))
    other = {**api_server.worlds[0].all("prometheuses")[0]}
    other["metadata"] = {**other["metadata"], "name": "q", "labels": {}}
    api_server.worlds[0].all("prometheuses").append(other)
    undecided = states(examined(api_server, "umbrella"), State.NOT_CHECKED)
    assert undecided["prometheus"] == (
        "needs the right to get pods/proxy, or create pods/portforward, in namespace prom-system"
    )
    assert undecided["target"] == "depends on: prometheus"


def test_without_a_way_to_the_pods_their_probes_are_not_checked_and_the_target_is() -> None:
    found = examined(server("umbrella", no_proxy("pods/portforward")), "umbrella")
    undecided = states(found, State.NOT_CHECKED)
    assert undecided["probes"] == "needs the right to get pods/proxy, or create pods/portforward, in namespace garage"
    assert states(found, State.OK).keys() >= {"prometheus", "target", "samples"}


def test_without_the_right_to_ask_for_prometheus_rights_its_targets_tell() -> None:
    api_server = server("umbrella", without("create", "subjectaccessreviews"))
    assert states(examined(api_server, "umbrella"), State.OK)["discovery"] == "Prometheus finds targets there"
    world = api_server.worlds[0]
    world.prometheus = replace(world.prometheus, targets=())
    found = examined(api_server, "umbrella")
    assert states(found, State.NOT_CHECKED)["discovery"].startswith("needs the right to create subjectaccessreviews")
    assert states(found, State.BROKEN).keys() == {"target"}


def test_every_chart_of_the_settings_that_is_examined_by_a_target_is_swept() -> None:
    assert set(TARGETS) == set(SETTINGS) - {"choosy"}


def test_a_release_without_the_right_to_its_parts_is_not_called_whole() -> None:
    world: World = healthy("umbrella")
    world.forbidden = {"configmaps": "no", "prometheusrules": "no"}
    undecided = states(walk(world.snapshot()), State.NOT_CHECKED)
    assert undecided["dashboards"] == "needs the right to list configmaps in namespace garage"
    assert undecided["rules"] == "needs the right to list prometheusrules in namespace garage"
