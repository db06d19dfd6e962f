import pytest

from proofs.pipeline.chain import Outcome
from proofs.pipeline.stories import ERRORS, GOOD, READINESS, TESTS, Story
from proofs.pipeline.telling import Untrue, ended


def outcomes(*steps: str, failed: str = "") -> list[Outcome]:
    """Outcomes of steps named `chain step`."""
    split = [step.split() for step in steps]
    return [Outcome(chain, step, f"make {step}", 0, 1, f"{chain} {step}" != failed, "", "") for chain, step in split]


LIVE = ("ci check", "ci test", "ci tags", "ci promote", "cd verify", "cd deploy", "cd gate")


@pytest.mark.parametrize(
    ("story", "ending"),
    [
        (GOOD, outcomes(*LIVE)),
        (TESTS, outcomes("ci check", "ci test", failed="ci test")),
        (READINESS, outcomes(*LIVE[:-1], "cd withdraw", failed="cd deploy")),
        (ERRORS, outcomes(*LIVE, "cd withdraw", failed="cd gate")),
    ],
    ids=lambda value: value.message if isinstance(value, Story) else "",
)
def test_a_story_ends_as_it_has_to_and_as_no_other(story: Story, ending: list[Outcome]) -> None:
    ended(story, ending)
    for other in {GOOD, TESTS, READINESS, ERRORS} - {story}:
        with pytest.raises(Untrue, match="stopped at"):
            ended(other, ending)


@pytest.mark.parametrize(
    ("story", "ending"),
    [
        (GOOD, outcomes()),
        (GOOD, outcomes(*LIVE[:4])),
        (READINESS, outcomes(*LIVE[:-1], failed="cd deploy")),
        (ERRORS, outcomes(*LIVE, failed="cd gate")),
    ],
)
def test_a_chain_that_ends_too_early_is_noticed(story: Story, ending: list[Outcome]) -> None:
    with pytest.raises(Untrue, match="the last step was"):
        ended(story, ending)
