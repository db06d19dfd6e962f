"""The application's page of what GitHub has to be told, and the messages here that name its lines."""

import re
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[2]
NAMED = {
    "release/verify.py": {"Names"},
    "release/record.py": {"Recording"},
    "clients/cosign.py": {"Visibility"},
    "scripts/chart-verify": {"The chart"},
}


@pytest.mark.parametrize("file", NAMED)
def test_message_names_the_line_that_is_missing(app_dir: Path, file: str) -> None:
    page = (app_dir / "docs" / "first-push.md").read_text()
    lines = dict(re.findall(r"^(\d+)\. \*\*([^*]+)\.\*\*", page, re.MULTILINE))
    named = re.findall(r"(?:first-push\.md|FIRST_PUSH\}), line (\d+)", (INFRA / file).read_text())
    assert {lines[line] for line in named} == NAMED[file]
