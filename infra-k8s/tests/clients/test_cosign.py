import pytest

from clients.cosign import reason


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "WARNING: old\nError: no signatures found\nmain.go: x\n",
            "there is none: nobody signed it (Error",
        ),
        ("Error: no matching attestations: accepted signatures do not match threshold\n", "made by somebody else than"),
        ("Error: signatures do not match threshold\nprovided artifact digest does not match any\n", "was altered"),
        ("Error: connection refused\n", "Error: connection refused"),
        ("", "cosign gave no reason"),
    ],
)
def test_refusal_says_why_in_one_line(words: str, told: str) -> None:
    assert told in reason(words)
    assert len(reason(words).splitlines()) == 1
