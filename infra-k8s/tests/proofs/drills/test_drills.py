"""The list of the drills: the doctor knows every cause in it, and the page shows it."""

import pytest

from proofs.drills.drills import DRILLS, Drill
from proofs.drills.table import with_table
from proofs.page import PAGE
from tests.scrape_doctor.cases import CASES


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_a_drill_expects_a_link_and_cause_that_the_doctor_names(drill: Drill) -> None:
    assert (drill.link, drill.cause) in {(link, cause) for _, link, cause, _ in CASES}


def test_names_of_drills_are_unique() -> None:
    assert len({drill.name for drill in DRILLS}) == len(DRILLS)


def test_the_pages_table_is_that_of_the_drills() -> None:
    assert PAGE.read_text() == with_table(PAGE.read_text())
