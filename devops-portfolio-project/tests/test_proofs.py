import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from reference import proofs
from reference.proofs import Record, Refused

RECORD = Record("make e2e", "infra-k8s", "build/e2e.json", "the chain")
PROVEN = {"name": "It holds", "numbers": ["1 of <1>", "up"], "seconds": 2.4, "passed": True}


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "build").mkdir()
    monkeypatch.setenv("INFRA_DIR", str(tmp_path))
    return tmp_path / "build" / "e2e.json"


def test_a_whole_run_becomes_a_table(infra: Path) -> None:
    infra.write_text(json.dumps([PROVEN]))
    os.utime(infra, (0, 0))
    table = proofs.read(RECORD)
    assert table.rows == (("It holds", r"1 of \<1><br>up", "2"),)
    assert table.source == "the chain, 1970-01-01"


def test_a_commits_story_is_told_with_its_steps(infra: Path) -> None:
    step = {"chain": "cd", "step": "gate", "seconds": 30.2, "said": "worse.", "passed": False}
    infra.write_text(
        json.dumps(
            [{"story": "errors", "seen": ["taken back"], "lead_seconds": 99, "outcomes": [step], "passed": True}]
        )
    )
    assert proofs.read(RECORD).rows == (("**errors**", "taken back", "99"), ("cd gate", "stopped: worse", "30"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "make e2e has left no"),
        ("[]", "nothing was proven"),
        (json.dumps([PROVEN | {"passed": False}]), "It holds: mend it"),
    ],
)
def test_what_is_no_whole_run_is_refused(text: str | None, said: str, infra: Path) -> None:
    if text is not None:
        infra.write_text(text)
    with pytest.raises(Refused, match=said):
        proofs.read(RECORD)


def test_what_stood_there_before_stays(infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "PAGE", tmp_path / "PROOFS.md")
    monkeypatch.setattr(proofs, "RECORDS", (RECORD, replace(RECORD, command="make drills", file="build/drills.json")))
    infra.write_text(json.dumps([PROVEN]))
    assert proofs.main() == 1
    written = proofs.PAGE.read_text()
    assert "| It holds |" in written
    assert written.endswith("## `make drills`\n\nNo whole run is on record.\n")
    infra.unlink()
    assert proofs.main() == 1
    assert proofs.PAGE.read_text() == written
