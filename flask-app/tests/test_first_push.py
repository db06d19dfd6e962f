"""The page of what GitHub has to be told, and the messages that name its lines."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = dict(re.findall(r"^(\d+)\. \*\*([^*]+)\.\*\*", (ROOT / "docs/first-push.md").read_text(), re.MULTILINE))
# What each message is about, by the line that it names.
NAMED = {
    "scripts/dispatch": {"5": "Handing over", "2": "Names"},
    "image/verification.py": {"4": "Visibility"},
    ".github/workflows/ci.yaml": {"3": "Registry"},
}


@pytest.mark.parametrize("file", NAMED)
def test_a_message_names_the_line_that_is_missing(file: str) -> None:
    named = set(re.findall(r"(?:docs/first-push\.md, | and )line (\d+)", (ROOT / file).read_text()))
    assert {line: PAGE[line] for line in named} == NAMED[file]


def test_every_message_that_names_a_line_is_known() -> None:
    tracked = subprocess.check_output(("git", "grep", "-l", "first-push.md, line"), cwd=ROOT, text=True).split()
    assert {file for file in tracked if not file.startswith(("tests/", "docs/"))} == set(NAMED)


def test_the_lines_are_numbered_in_their_order() -> None:
    assert list(PAGE) == [str(number) for number in range(1, len(PAGE) + 1)]
