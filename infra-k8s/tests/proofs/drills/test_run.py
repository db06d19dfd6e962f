"""A drill passes only if the doctor names its cause alone, and always leaves the release without the fault."""

from collections.abc import Iterator
from typing import cast

import pytest

from proofs.drills import release_under_test
from proofs.drills.drills import DOCTORS_FIX, Drill, Fault, Values
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.drills.run import run_drill
from proofs.recording import Proof
from proofs.settings import Settings
from scrape_doctor.chain import CHAIN, Examined
from scrape_doctor.finding import Finding, State

FAULT = Values({"serviceMonitor.path": "/metricz"})
HEALTHY: tuple[str, ...] = ()


def finding(cause: str) -> Finding:
    return Finding(State.BROKEN, f"{cause} is wrong", cause, fix=f"fix {cause}") if cause else Finding(State.OK, "up")


class Release(ReleaseUnderTest):
    """A release in which the doctor finds one cause after another; it remembers what was done to it."""

    def __init__(self, *diagnoses: tuple[str, ...]) -> None:
        super().__init__("drills-1", cast(Settings, None), {})
        self.diagnoses: Iterator[tuple[str, ...]] = iter(diagnoses)
        self.actions: list[object] = []

    def inject(self, fault: Fault) -> None:
        self.actions.append(("inject", fault))

    def remove(self, fault: Fault) -> None:
        self.actions.append(("remove", fault))

    def apply_fix(self, fix: str) -> None:
        self.actions.append(("apply", fix))

    def examine(self) -> list[Examined]:
        causes = next(self.diagnoses)
        return [Examined(link, finding(cause)) for link, cause in zip(CHAIN, (*causes, ""), strict=False)]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def drill(fix: str = "correct the path") -> Drill:
    return Drill("scrape path wrong", "the target is DOWN", FAULT, CHAIN[0].name, "scrape-path", fix)


def test_the_fault_is_removed_where_the_fix_is_a_sentence() -> None:
    release, proof = Release(("scrape-path",), ("scrape-path",), HEALTHY), Proof("drill")
    run_drill(drill(), release, proof)
    assert release.actions == [("inject", FAULT), ("remove", FAULT)]
    assert proof.numbers == ["symptom: the target is DOWN", "doctor: scrape-path is wrong", "fix: correct the path"]


def test_the_doctors_own_command_is_run() -> None:
    release = Release(("scrape-path",), ("scrape-path",), HEALTHY, HEALTHY)
    run_drill(drill(DOCTORS_FIX), release, Proof("drill"))
    assert release.actions == [("inject", FAULT), ("apply", "fix scrape-path")]


@pytest.mark.parametrize(
    "diagnoses",
    [
        [("target-missing",), ("target-missing",), ("scrape-path",), ("scrape-path",)],
        [("port-name",), ("scrape-path",), ("scrape-path",)],
        [("scrape-path",), ("scrape-path", "port-name"), ("scrape-path",), ("scrape-path",)],
    ],
    ids=["a transient cause repeats", "a wrong cause appears once", "another cause beside it appears once"],
)
def test_findings_on_the_way_to_the_diagnosis_are_accepted(diagnoses: list[tuple[str, ...]]) -> None:
    run_drill(drill(), Release(*diagnoses, HEALTHY), Proof("drill"))


def test_a_wrong_cause_twice_in_a_row_fails_and_the_fault_is_removed() -> None:
    release = Release(("port-name",), ("port-name",))
    with pytest.raises(AssertionError, match=r"expected scrape-path, not \{'port-name'\}"):
        run_drill(drill(), release, Proof("drill"))
    assert release.actions == [("inject", FAULT), ("remove", FAULT)]


def test_another_link_fails() -> None:
    release = Release(("", "scrape-path"), ("", "scrape-path"))
    with pytest.raises(AssertionError):
        run_drill(drill(), release, Proof("drill"))


def test_a_fix_that_does_not_work_fails_and_the_fault_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(*[("scrape-path",)] * 4)
    monkeypatch.setattr(release_under_test, "CONFIGURED", 1e-9)
    monkeypatch.setattr(release, "wait_for_diagnosis", lambda cause: release.examine()[0])
    with pytest.raises(AssertionError, match="did not become healthy"):
        run_drill(drill(DOCTORS_FIX), release, Proof("drill"))
    assert release.actions[-1] == ("remove", FAULT)
