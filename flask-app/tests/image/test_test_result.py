import json
from pathlib import Path

import pytest

from image.command import Refused
from image.test_result import predicate

COMMIT = "abc" * 13 + "d"
BOTH = ["linux/amd64", "linux/arm64"]


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Return a folder as `make check test starts` leave it for a commit."""
    for step in ("check", "test"):
        (tmp_path / step).write_text(f"{COMMIT}\n")
    for machine in ("x86_64", "aarch64"):
        start = tmp_path / "starts" / machine / "start.json"
        start.parent.mkdir(parents=True)
        start.write_text(json.dumps({"machine": machine, "revision": COMMIT}))
    return tmp_path


def test_predicate_names_what_passed_at_which_commit(evidence: Path) -> None:
    assert predicate(evidence, COMMIT, BOTH, "https://github.com/o/n", "https://github.com/o/n/actions/runs/1") == {
        "result": "PASSED",
        "configuration": [{"uri": "git+https://github.com/o/n", "digest": {"gitCommit": COMMIT}}],
        "url": "https://github.com/o/n/actions/runs/1",
        "passedTests": ["check", "test", "starts on linux/amd64", "starts on linux/arm64"],
    }


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("check", "'check'"),
        ("test", "'test'"),
        ("starts/x86_64/start.json", "'starts on linux/amd64'"),
        ("starts/aarch64/start.json", "'starts on linux/arm64'"),
    ],
)
def test_no_predicate_without_evidence(evidence: Path, file: str, step: str) -> None:
    (evidence / file).unlink()
    with pytest.raises(Refused, match=f"{step} has passed not yet, not at {COMMIT}: run `make"):
        predicate(evidence, COMMIT, BOTH, "", "")


def test_no_predicate_for_another_commit(evidence: Path) -> None:
    (evidence / "test").write_text("older\n")
    with pytest.raises(Refused, match=f"'test' has passed only at older, not at {COMMIT}"):
        predicate(evidence, COMMIT, BOTH, "", "")


@pytest.mark.parametrize("revision", ["unknown", f"{COMMIT}-changed", "main"])
def test_no_predicate_without_a_commit(evidence: Path, revision: str) -> None:
    with pytest.raises(Refused, match=f"'{revision}' is no commit: commit what was changed"):
        predicate(evidence, revision, BOTH, "", "")
