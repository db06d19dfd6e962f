import pytest

from proofs.workflows.expression import NotUnderstood
from proofs.workflows.workflow import Concurrency, Event, Workflow

TEXT = """\
name: ci
on:
  push:
    branches: [main]
    tags: ["v*"]
  pull_request:
  repository_dispatch:
    types: [image-published]
permissions: {}
concurrency:
  group: ci-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }}
  queue: max
jobs:
  test:
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@abc
      - uses: actions/setup-python@abc
        with: {python-version: "3.13"}
  tag:
    steps:
      - run: "true"
"""
WORKFLOW = Workflow("ci.yaml", TEXT)


def event(name: str, ref: str = "refs/heads/main", **payload: object) -> Event:
    return Event("owner/app", name, ref, "a" * 40, payload)


@pytest.mark.parametrize(
    ("happened", "starts"),
    [
        (event("push"), True),
        (event("push", "refs/heads/topic"), False),
        (event("push", "refs/tags/v1.2.3"), True),
        (event("push", "refs/tags/chart-v1.2.3"), False),
        (event("pull_request", "refs/pull/3/merge"), True),
        (event("repository_dispatch", action="image-published"), True),
        (event("repository_dispatch", action="something-else"), False),
        (event("workflow_dispatch"), False),
    ],
)
def test_an_event_starts_the_workflows_that_ask_for_it(happened: Event, starts: bool) -> None:
    assert WORKFLOW.starts_for(happened) is starts


@pytest.mark.parametrize("triggers", ["push", "[push, pull_request]", "{push: }"])
def test_triggers_may_be_written_short(triggers: str) -> None:
    assert Workflow("x.yaml", f"on: {triggers}\n").starts_for(event("push"))
    assert not Workflow("x.yaml", f"on: {triggers}\n").starts_for(event("schedule"))


def test_concurrency_is_read_from_the_file() -> None:
    assert WORKFLOW.concurrency(event("push"), 1) == Concurrency("ci-refs/heads/main", False, True)
    of_a_pull_request = WORKFLOW.concurrency(event("pull_request", "refs/pull/3/merge"), 1)
    assert of_a_pull_request == Concurrency("ci-refs/pull/3/merge", True, True)
    without_queue = Workflow("ci.yaml", TEXT.replace("  queue: max\n", "")).concurrency(event("push"), 1)
    assert without_queue == Concurrency("ci-refs/heads/main", False, False)
    assert Workflow("x.yaml", "on: push\n").concurrency(event("push"), 1) is None


def test_a_key_of_concurrency_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="priority"):
        Workflow("ci.yaml", TEXT.replace("queue: max", "priority: high")).concurrency(event("push"), 1)


def test_a_job_has_the_rights_that_it_names_and_no_other() -> None:
    assert WORKFLOW.rights() == {"test": {"contents": "read"}, "tag": {}}


def test_it_says_which_actions_and_pythons_its_steps_use() -> None:
    assert WORKFLOW.actions() == {"actions/checkout@abc", "actions/setup-python@abc"}
    assert WORKFLOW.pythons() == {"3.13"}
