"""The workflow files of the three repositories, run by act: what each event leaves in registry, git and cluster."""

import pytest

from proofs.recording import Proof
from proofs.workflows.organization import Organization
from proofs.workflows.scenarios import SCENARIOS, Scenario, State

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def state() -> State:
    return State()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenario(proof: Proof, owner: Organization, state: State, scenario: Scenario) -> None:
    """A scenario leaves in registry, git and cluster what it has to."""
    proof.name = str(scenario.__doc__).rstrip(".")
    scenario(proof, owner, state)
