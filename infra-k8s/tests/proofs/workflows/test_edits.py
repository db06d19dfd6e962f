"""What act is given differs from the workflow files in nothing but the listed edits, and act reads all of it."""

import difflib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofs.workflows.edits import EDITS, readable

INFRA = Path(__file__).resolve().parents[3]
ACT = Path(sys.executable).with_name("act")


def workflows() -> Iterator[Path]:
    """Yield the workflow files of this repository, and of the siblings that are named."""
    folders = [INFRA, *(Path(os.environ[name]) for name in ("APP_DIR", "DOCS_DIR") if os.environ.get(name))]
    for folder in folders:
        yield from sorted((folder / ".github" / "workflows").glob("*.yaml"))


def removed(before: str, after: str) -> list[str]:
    """Return the lines that are gone; fail if any line is new."""
    changes = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert not [line for line in changes if line.startswith("+")]
    return [line[2:].strip() for line in changes]


@pytest.mark.parametrize("file", list(workflows()), ids=lambda file: f"{file.parents[2].name}-{file.stem}")
def test_nothing_but_the_listed_lines_is_taken_out(file: Path) -> None:
    gone = removed(file.read_text(), readable(file.read_text()))
    assert [line.split("#")[0].strip() for line in gone] == ["queue: max"] * file.read_text().count("  queue: max")


def test_a_comment_or_another_key_stays() -> None:
    text = "# queue: max\nconcurrency:\n  group: a\n  queue: max # all wait\nqueue: max\nenv:\n  QUEUE: queue: max\n"
    assert removed(text, readable(text)) == ["queue: max # all wait"]


@pytest.mark.parametrize("file", list(workflows()), ids=lambda file: f"{file.parents[2].name}-{file.stem}")
def test_act_reads_every_workflow_after_the_edits(file: Path, tmp_path: Path) -> None:
    assert read_by_act(readable(file.read_text()), tmp_path) == ""


def test_each_edit_is_still_needed(tmp_path: Path) -> None:
    """A version of act that knows what an edit takes out makes the edit superfluous, and this test fail."""
    text = "on: push\nconcurrency:\n  group: a\n  queue: max\njobs:\n  a:\n    runs-on: x\n    steps: [{run: a}]\n"
    assert len(EDITS) == 1
    assert "queue" in read_by_act(text, tmp_path)
    assert read_by_act(readable(text), tmp_path) == ""


def read_by_act(text: str, folder: Path) -> str:
    """Return act's complaint about a workflow; nothing where it can run it."""
    (folder / "workflow.yaml").write_text(text)
    command = [str(ACT), "--validate", "--strict", "--workflows", str(folder / "workflow.yaml")]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True)
    return done.stderr if done.returncode else ""
