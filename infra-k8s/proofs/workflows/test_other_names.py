"""The same under another owner, with a capital in the name, and with other names of all three repositories."""

from collections.abc import Iterator

import pytest

from proofs.recording import Proof
from proofs.workflows.conftest import organization
from proofs.workflows.organization import Names, Organization
from proofs.workflows.scenarios import Scenario, State, foreign_image, good_commit, rollback_by_hand
from proofs.workflows.settings import WorkflowSettings

pytestmark = pytest.mark.timeout(3600)
OTHER = Names("Another-Owner", app="shop", infra="shop-deploy", docs="shop-docs")


@pytest.fixture(scope="module")
def owner(workflow_settings: WorkflowSettings) -> Iterator[Organization]:
    with organization(workflow_settings, OTHER) as made:
        yield made


@pytest.fixture(scope="module")
def state() -> State:
    return State()


@pytest.mark.parametrize(
    ("turn", "scenario"),
    [("first", good_commit), ("foreign", foreign_image), ("second", good_commit), ("rollback", rollback_by_hand)],
    ids=lambda each: each if isinstance(each, str) else "elsewhere",
)
def test_scenario(proof: Proof, owner: Organization, state: State, turn: str, scenario: Scenario) -> None:
    """Another owner's repositories, under other names, do the same."""
    proof.name = f"{OTHER.owner}, {OTHER.app}, {OTHER.infra}: {str(scenario.__doc__).rstrip('.')} ({turn})"
    scenario(proof, owner, state)
