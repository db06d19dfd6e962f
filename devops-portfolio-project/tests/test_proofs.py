import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from checks import proofs
from checks.proofs import IncompleteRun, Record

RECORD = Record("make e2e", "infra-k8s", "build/e2e.json", "The chain works")
PROVEN = {"name": "It holds", "numbers": ["1 of <1>", "up"], "seconds": 2.4, "passed": True}


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "build").mkdir()
    monkeypatch.setenv("INFRA_DIR", str(tmp_path))
    return tmp_path / "build" / "e2e.json"


def test_a_whole_run_becomes_a_table(infra: Path) -> None:
    infra.write_text(json.dumps([PROVEN]))
    os.utime(infra, (0, 0))
    assert proofs.read(RECORD) == (
        "## The chain works\n\nCommand: `make e2e`. Last whole run: 1970-01-01.\n\n"
        "| claim | what was seen | seconds |\n| --- | --- | --- |\n| It holds | 1 of \\<1><br>up | 2 |\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "make e2e has left no"),
        ("[]", "nothing was proven"),
        (json.dumps([PROVEN | {"passed": False}]), "It holds: fix it"),
    ],
)
def test_a_run_that_is_missing_or_incomplete_is_refused(text: str | None, said: str, infra: Path) -> None:
    if text is not None:
        infra.write_text(text)
    with pytest.raises(IncompleteRun, match=said):
        proofs.read(RECORD)


def test_the_section_of_the_run_before_is_kept(infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "PAGE", tmp_path / "PROOFS.md")
    readme = tmp_path / "README.md"
    monkeypatch.setattr(proofs, "readmes", lambda: [readme])
    readme.write_text("before\n<!-- proofs: written -->\nold\n<!-- end of proofs -->\nafter\n")
    monkeypatch.setattr(proofs, "RECORDS", (RECORD, replace(RECORD, headline="It is found", file="build/drills.json")))
    infra.write_text(json.dumps([PROVEN]))
    assert proofs.main() == 1
    written = proofs.PAGE.read_text()
    assert "| It holds |" in written
    assert written.endswith("## It is found\n\nNo whole run of `make e2e` is on record.\n")
    summary = (
        "| command | claim | what was seen | date |\n| --- | --- | --- | --- |\n"
        "| `make e2e` | The chain works | 1 of 1 proofs passed | "
    )
    assert f"\n{summary}" in written
    assert readme.read_text().startswith(f"before\n<!-- proofs: written -->\n\n{summary}")
    assert readme.read_text().endswith(" |\n\n<!-- end of proofs -->\nafter\n")
    infra.unlink()
    assert proofs.main() == 1
    assert proofs.PAGE.read_text() == written


def test_the_readmes_hold_the_summary_of_the_page() -> None:
    for readme in proofs.readmes():
        assert proofs.summary(proofs.PAGE.read_text()) in readme.read_text(), "run `make proofs`"


def test_each_section_begins_with_what_it_proves_then_the_command_and_the_day_of_its_last_run() -> None:
    page = proofs.PAGE.read_text()
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [record.headline for record in proofs.RECORDS]
    for record in proofs.RECORDS:
        begins = f"## {record.headline}\n\nCommand: `{record.command}`. Last whole run: "
        unrecorded = f"## {record.headline}\n\nNo whole run of `{record.command}` is on record.\n"
        assert begins in page or unrecorded in page


@pytest.mark.parametrize("record", proofs.RECORDS, ids=lambda record: str(record.command))
def test_a_headline_is_a_sentence_of_its_own(record: Record) -> None:
    assert re.fullmatch(r"(The|A|What) .+[a-zA-Z]", record.headline)
    assert record.command not in record.headline
