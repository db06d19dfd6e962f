"""Each lesson broken on a real cluster: the doctor names that very cause, the mend makes the chain whole."""

from concurrent.futures import Future

import kr8s
import pytest

from proofs.drills.drills import DRILLS, Drill


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name.replace(" ", "-"))
def test_doctor_names_the_cause_and_the_mend_heals(drill: Drill, outcomes: dict[str, Future[None]]) -> None:
    if drill.name not in outcomes:
        pytest.skip("NETWORK_POLICY_ENFORCED=1 says that this cluster's network plugin enforces NetworkPolicies")
    try:
        outcomes[drill.name].result()
    except kr8s.ServerError as refusal:
        # kube-prometheus-stack's admission webhook takes no broken rule. Nothing else may be refused.
        if drill.cause != "rule-syntax":
            raise
        pytest.skip(f"this cluster does not let itself be broken like that: {refusal}")
