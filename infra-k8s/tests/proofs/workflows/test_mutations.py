"""Each mutation applies to the workflow files as they are, and changes nothing but its job."""

import difflib
import os
from pathlib import Path

import pytest
import yaml

from proofs.workflows.mutations import MUTATIONS, DoesNotApply, Mutation
from proofs.workflows.scenarios import SCENARIOS

INFRA = Path(__file__).resolve().parents[3]
FILES = {"ci": (os.environ.get("APP_DIR"), "ci.yaml"), "deploy": (str(INFRA), "deploy.yaml")}


def text_of(mutation: Mutation) -> str:
    folder, file = FILES[mutation.workflow]
    if not folder:
        pytest.skip("APP_DIR is not set: name flask-app's folder")
    return Path(folder, ".github", "workflows", file).read_text()


def test_there_are_eight_and_each_names_a_scenario() -> None:
    assert len(MUTATIONS) == 8
    assert len({mutation.name for mutation in MUTATIONS}) == 8
    assert {mutation.scenario for mutation in MUTATIONS} <= set(SCENARIOS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name.replace(" ", "-"))
def test_a_mutation_changes_its_job_alone(mutation: Mutation) -> None:
    text = text_of(mutation)
    before, after = (yaml.load(each, Loader=yaml.BaseLoader) for each in (text, mutation.apply(text)))
    changed = {name for name in before["jobs"] if before["jobs"][name] != after["jobs"][name]}
    assert changed == ({mutation.job} if mutation.job else set())
    assert before != after
    lines = [line for line in difflib.ndiff(text.splitlines(), mutation.apply(text).splitlines()) if line[0] in "+-"]
    assert 1 <= len(lines) <= 6


def test_another_workflow_is_left_alone() -> None:
    assert MUTATIONS[0].apply("# x\nname: checks\n") == "# x\nname: checks\n"


def test_a_mutation_that_no_longer_applies_says_so() -> None:
    with pytest.raises(DoesNotApply, match="holds it 0 times"):
        MUTATIONS[0].apply("# x\nname: ci\n\njobs:\n  publish:\n    steps: []\n  verify:\n    steps: []\n")
