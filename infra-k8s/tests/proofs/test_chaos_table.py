"""The page's table of what `make chaos` measured: every disturbance, and only of a run that passed."""

import pytest

from proofs.chaos import test_chaos
from proofs.chaos.table import BEGIN, END, with_table
from proofs.page import PAGE

DISTURBANCES = [
    str(proof.__doc__).strip().rstrip(".")
    for name, proof in vars(test_chaos).items()
    if name.startswith("test_") and callable(proof)
]


def test_every_disturbance_has_a_row_with_its_numbers() -> None:
    measured = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ") for line in measured.strip().splitlines()[2:]]
    assert [row[0].removeprefix("| ") for row in rows] == DISTURBANCES
    assert all("sent " in row[1] for row in rows)


def test_what_was_measured_is_written_between_the_marks() -> None:
    proofs = [{"name": "A pod is deleted", "numbers": ["sent 800", "no failure"], "passed": True}]
    page = with_table(f"before\n{BEGIN}\nold\n{END}\nafter", proofs)
    assert "| A pod is deleted | sent 800<br>no failure |" in page
    assert "old" not in page
    assert page.endswith(f"{END}\nafter")


def test_a_run_that_failed_is_not_with_table() -> None:
    with pytest.raises(ValueError, match="A pod is deleted"):
        with_table("", [{"name": "A pod is deleted", "numbers": [], "passed": False}])
