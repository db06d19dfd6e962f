"""Run one drill: inject the fault, wait for the diagnosis, apply the fix, check that the chain is healthy again."""

from proofs.drills.drills import DOCTORS_FIX, Drill
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.recording import Proof
from scrape_doctor.finding import State


def run_drill(drill: Drill, release: ReleaseUnderTest, proof: Proof) -> None:
    """Run a drill on a healthy release and record it; the release is healthy afterwards, also if the drill fails.

    Raises:
        AssertionError: if the doctor names another cause, or more than one, or the fix does not work.
        kr8s.ServerError: if the API server refuses the fault.
    """
    proof.note(f"symptom: {drill.symptom}")
    release.inject(drill.fault)
    fixed = False
    try:
        if drill.loses_target:
            release.wait_for_target_loss()
        found = release.wait_for_diagnosis(drill.cause)
        assert (found.link.name, found.finding.state) == (drill.link, State.BROKEN)
        proof.note(f"doctor: {found.finding.message}")
        proof.note(f"fix: {found.finding.fix if drill.fix == DOCTORS_FIX else drill.fix}")
        if drill.fix == DOCTORS_FIX:
            release.apply_fix(found.finding.fix)
            release.wait_until_healthy()
            fixed = True
    finally:
        if not fixed:
            release.remove(drill.fault)
    release.wait_until_healthy()
