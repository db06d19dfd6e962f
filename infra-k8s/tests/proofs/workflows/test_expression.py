import pytest

from proofs.workflows.expression import NotUnderstood, evaluate, filled

PUSH = {"github.event_name": "push", "github.ref": "refs/heads/main", "github.run_id": "7"}
PULL_REQUEST = {**PUSH, "github.event_name": "pull_request", "github.ref": "refs/pull/3/merge"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.ref", "refs/heads/main"),
        ("'text'", "text"),
        ("true", True),
        ("github.event_name == 'push'", True),
        ("github.event_name != 'push'", False),
        ("github.event_name == 'pull_request' && github.run_id || github.ref", "refs/heads/main"),
        ("github.event_name == 'push' && github.run_id || github.ref", "7"),
        ("github.ref == 'a' || github.event_name == 'push'", True),
        ("'' || 'second'", "second"),
    ],
)
def test_an_expression_comes_to_what_github_makes_of_it(expression: str, value: object) -> None:
    assert evaluate(expression, PUSH) == value


@pytest.mark.parametrize(
    "expression",
    ["github.actor", "contains(github.ref, 'x')", "github.ref ==", "!github.ref", "github.ref 'a' 'b'", ""],
)
def test_what_is_not_known_is_refused_and_not_guessed(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        evaluate(expression, PUSH)


def test_a_text_is_filled_with_values_as_github_writes_them() -> None:
    text = "ci-${{ github.event_name == 'pull_request' && github.run_id || github.ref }}"
    assert filled(text, PUSH) == "ci-refs/heads/main"
    assert filled(text, PULL_REQUEST) == "ci-7"
    assert filled("${{ github.event_name == 'push' }}", PUSH) == "true"
