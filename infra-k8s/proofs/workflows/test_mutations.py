"""Each fault of the table, put into the workflow files, turns the scenario red that it names."""

from dataclasses import replace

import pytest

from proofs.recording import Proof
from proofs.workflows.mutations import MUTATIONS, Mutation
from proofs.workflows.observation import UnexpectedOutcome
from proofs.workflows.organization import Organization
from proofs.workflows.scenarios import State, good_commit

pytestmark = pytest.mark.timeout(3600)
RED = (UnexpectedOutcome, AssertionError, TimeoutError, LookupError)


@pytest.fixture(scope="module")
def state(owner: Organization) -> State:
    """A good commit that is live, without any fault."""
    made = State()
    good_commit(Proof("the good commit before the mutations"), owner, made)
    return made


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name.replace(" ", "-"))
def test_mutation(proof: Proof, owner: Organization, state: State, mutation: Mutation) -> None:
    """A fault turns its scenario red."""
    proof.name = f"With the fault that {mutation.name}, `{mutation.scenario.__name__}` fails"
    owner.github.mutation = mutation.apply
    with pytest.raises(RED) as red:
        mutation.scenario(Proof("mutated"), owner, replace(state))
    owner.github.mutation = str
    proof.note(f"{mutation.workflow}.yaml, job {mutation.job or 'all'}: {str(red.value).splitlines()[0]}")
