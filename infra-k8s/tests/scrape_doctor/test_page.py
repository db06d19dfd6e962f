"""The doctor's page: its table is what the doctor says, and its commands are ones that it takes."""

import re
import shlex

import pytest

from scrape_doctor.__main__ import RUN_AGAINST, parser
from tests.scrape_doctor.page import PAGE, with_examples, with_table

PAGE_TEXT = PAGE.read_text()
COMMANDS = [
    line.partition("#")[0]
    for line in re.findall(r"^(?:kubectl |helm template .* \| )?scrape-doctor (.*)$", PAGE_TEXT, re.MULTILINE)
]


def test_the_table_of_causes_is_what_the_doctor_says() -> None:
    assert with_table(PAGE_TEXT) == PAGE_TEXT


def test_the_examples_are_what_the_command_prints() -> None:
    assert with_examples(PAGE_TEXT) == PAGE_TEXT


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_one_that_the_doctor_takes(command: str) -> None:
    parser().parse_args(shlex.split(command))


def test_the_page_names_the_versions_that_it_was_run_against() -> None:
    assert RUN_AGAINST in PAGE_TEXT


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) > 3
