"""A Prometheus that has not loaded a change yet is distinguished from one that never will, by its own answers."""

from datetime import timedelta

import pytest

from scrape_doctor.chain import unsettled, walk
from scrape_doctor.finding import Finding, State
from tests.scrape_doctor.faults import Fault, both, first, reported
from tests.scrape_doctor.world import NOW, World, healthy

POOL = "serviceMonitor/garage/engine/0"


def changed(kind: str, seconds_ago: int, **entry: str) -> Fault:
    def fault(world: World) -> None:
        time = (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")
        first(world, kind)["metadata"].setdefault("managedFields", []).append({"time": time, **entry})

    return fault


def loaded(seconds_ago: int, *jobs: str) -> Fault:
    return reported(loaded_at=NOW - timedelta(seconds=seconds_ago), jobs=frozenset(jobs))


def target(*faults: Fault, chart: str = "umbrella") -> Finding:
    world = healthy(chart)
    both(*faults)(world)
    return next(each.finding for each in walk(world.snapshot()) if each.link.name == "target")


@pytest.mark.parametrize("kind", ["servicemonitors", "prometheuses", "namespaces"])
@pytest.mark.parametrize("jobs", [(), (POOL,)])
def test_a_change_after_the_configuration_was_loaded_is_waited_for(kind: str, jobs: tuple[str, ...]) -> None:
    found = target(changed(kind, 20), loaded(600, *jobs), reported(targets=()))
    assert (found.state, found.wait) == (State.NOT_CHECKED, 100)
    assert "ask again in 100 s" in found.message


def test_the_links_that_hang_on_it_are_not_checked_and_the_chain_is_not_called_whole() -> None:
    world = healthy("umbrella")
    both(changed("servicemonitors", 20), loaded(600, POOL))(world)
    examined = walk(world.snapshot())
    assert [each.link.name for each in unsettled(examined)] == ["target"]
    states = {each.link.name: each.finding.state for each in examined}
    assert states["samples"] is states["alerts"] is State.NOT_CHECKED
    assert State.BROKEN not in states.values()


def test_a_configuration_that_was_loaded_for_another_reason_meanwhile_does_not_have_the_monitor_yet() -> None:
    assert target(changed("servicemonitors", 30), loaded(5), reported(targets=())).wait == 90


@pytest.mark.parametrize("ago", [121, 9000])
def test_after_two_minutes_what_the_configuration_lacks_is_named(ago: int) -> None:
    found = target(changed("servicemonitors", ago), loaded(5, "serviceMonitor/other/other/0"), reported(targets=()))
    assert (found.cause, found.wait) == ("monitor-not-loaded", 0)
    assert POOL in found.message


def test_what_was_loaded_after_the_change_is_judged_at_once() -> None:
    found = target(changed("servicemonitors", 20), loaded(5, POOL), reported(targets=()))
    assert found.cause == "target-missing"
    assert target(changed("servicemonitors", 20), loaded(5, POOL)).state is State.OK


def test_what_the_operator_writes_into_the_status_is_no_change() -> None:
    found = target(changed("prometheuses", 3, subresource="status"), loaded(600, POOL))
    assert found.state is State.OK


def test_a_prometheus_that_does_not_tell_is_taken_to_have_loaded_it() -> None:
    assert target(changed("servicemonitors", 20)).state is State.OK


def test_a_probe_has_one_job() -> None:
    assert target(loaded(5, "probe/lookout/sites"), chart="sentinel").state is State.OK
    assert target(loaded(5), reported(targets=()), chart="sentinel").cause == "monitor-not-loaded"
