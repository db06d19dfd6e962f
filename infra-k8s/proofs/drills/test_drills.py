"""Run each drill on a real cluster: the doctor names that cause alone, and the fix makes the chain healthy."""

import os

import kr8s
import pytest

from proofs.drills.drills import DRILLS, Drill
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.drills.run import run_drill
from proofs.recording import Proof

NEEDS_POLICY = pytest.mark.skipif(
    os.environ.get("NETWORK_POLICY_ENFORCED") != "1",
    reason="NETWORK_POLICY_ENFORCED=1 says that this cluster's network plugin enforces NetworkPolicies",
)
PARAMETERS = [
    pytest.param(drill, id=drill.name.replace(" ", "-"), marks=[NEEDS_POLICY] if drill.link == "network-policy" else [])
    for drill in DRILLS
]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("drill", PARAMETERS)
def test_the_doctor_names_the_cause_and_the_fix_works(drill: Drill, release: ReleaseUnderTest, proof: Proof) -> None:
    """One drill."""
    proof.name = drill.name
    try:
        run_drill(drill, release, proof)
    except kr8s.ServerError as refusal:
        # kube-prometheus-stack's admission webhook refuses a broken rule. No other fault may be refused.
        if drill.cause != "rule-syntax":
            raise
        pytest.skip(f"this cluster refuses the fault: {refusal}")
