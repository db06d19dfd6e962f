"""The cases that kubectl applies: those that manifests decide are named without a cluster, no other is blamed."""

from collections import Counter

import pytest
import yaml

from proofs.drills import cases
from scrape_doctor.chain import CHAIN
from scrape_doctor.examination import examine_text
from tests.scrape_doctor.cases import CASES

# What the objects alone decide; a Secret or a prober may come from elsewhere.
DECIDED = {
    *("port-name", "service-target-port", "target-port", "monitor-namespace-selector", "monitor-selects-nothing"),
    *("monitor-label", "monitor-timeout", "monitor-relabeling"),
}
THINGS = cases.objects("drills", "image:1")
EXPECTED = cases.causes(THINGS)


def diagnoses(things: list[cases.Object]) -> dict[str, str]:
    found = examine_text(yaml.safe_dump_all(things), "the cases", "drills", "release=monitoring")
    return {str(each.scope.target): each.diagnosis.finding.cause if each.diagnosis else "" for each in found}


@pytest.mark.parametrize(("target", "cause"), EXPECTED.items())
def test_what_manifests_decide_is_named_and_nothing_whole_blamed(target: str, cause: str) -> None:
    assert diagnoses(THINGS)[target] == (cause if cause in DECIDED else "")


def test_every_cause_is_one_that_the_doctor_names() -> None:
    assert {cause for cause in EXPECTED.values() if cause} <= {cause for _, _, cause, _ in CASES}
    assert len(CHAIN) > 10


def test_the_cases_have_whole_ones_and_at_least_ten_causes() -> None:
    counted = Counter(EXPECTED.values())
    assert counted[""] >= 5
    assert len(counted) - 1 >= 10


def test_of_many_monitors_one_in_ten_is_broken_by_at_least_ten_causes() -> None:
    things = cases.many(200, "drills")
    expected = cases.causes(things)
    assert len(expected) == 200
    broken = Counter(cause for cause in expected.values() if cause)
    assert broken.total() == 20
    assert len(broken) >= 10
    server = cases.case(cases.SERVER, "drills")
    found = diagnoses([*server, *things])
    assert {target: found[target] for target in expected} == {
        target: cause if cause in DECIDED else "" for target, cause in expected.items()
    }


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, "a: not examined; b: not examined"),
        ({"a": ("x", False), "b": ("", True)}, ""),
        ({"a": ("y", False), "b": ("", True)}, "a: y in place of x"),
        ({"a": ("x", False), "b": ("z", False)}, "b: z in place of whole"),
        ({"a": ("x", False), "b": ("", False)}, "b: not whole in place of whole"),
    ],
)
def test_a_difference_is_told(found: dict[str, tuple[str, bool]], words: str) -> None:
    examined = {
        target: {"whole": whole, "diagnosis": {"cause": cause} if cause else None}
        for target, (cause, whole) in found.items()
    }
    assert cases.differences({"a": "x", "b": ""}, examined) == words
