import io
from pathlib import Path

import pytest

from proofs.pipeline.chain import Chain, Journal, Outcome, alone

MAKEFILE = """\
ci:
	@printf '\\n==> make check\\n'; echo fine
	@printf '\\n==> make quiet\\n'
	@printf '\\n==> make test PLATFORMS=x\\n'; echo '== one failed =='; printf '\\nci:\\n  FAILED  test\\n'; exit 3
told:
	@echo $$IMAGE
"""


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return Chain("ci", tmp_path, Journal(tmp_path / "journal.jsonl"))


def test_each_announced_step_ends_with_its_own_output(chain: Chain) -> None:
    assert not chain.run(chain.logs, ("make", "ci"), {})
    check, quiet, test = chain.journal.read()
    assert (check.step, check.command, check.passed, check.said) == ("check", "make check", True, "fine")
    assert (quiet.step, quiet.passed, quiet.said) == ("quiet", True, "")
    assert (test.step, test.command, test.passed) == ("test", "make test PLATFORMS=x", False)
    assert test.said == "one failed"
    assert "one failed" in (chain.logs / test.log).read_text()
    assert "one failed" not in (chain.logs / check.log).read_text()


def test_a_target_that_announces_nothing_is_a_step_itself(chain: Chain) -> None:
    assert chain.run(chain.logs, ("make", "--silent", "told"), {"IMAGE": "name@digest"}) is True
    (told,) = chain.journal.read()
    assert (told.passed, told.said) == (True, "name@digest")


def test_a_failed_step_shows_its_last_lines(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    chain.run(chain.logs, ("make", "ci"), {})
    printed = capsys.readouterr().out
    assert "ci check passed after 0 s" in printed
    assert "    == one failed ==" in printed
    assert "ci test FAILED after 0 s" in printed


def test_a_line_that_only_looks_like_one_announces_nothing(chain: Chain) -> None:
    step = chain.follow(io.StringIO("==> scan: an image\nsee ==> make test\n"), chain.begin("scan", "make scan"))
    assert (step.name, len(step.lines), chain.journal.read()) == ("scan", 2, [])


def test_the_journal_gives_back_what_it_was_given(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    outcomes = [Outcome("ci", step, f"make {step}", 1.5, 2.0, True, "said", "01.log") for step in ("check", "test")]
    assert journal.read() == []
    for outcome in outcomes:
        journal.add(outcome)
    assert journal.read() == outcomes


def test_steps_know_nothing_of_the_siblings_nor_of_the_make_that_started_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APP_DIR", "MAKEFLAGS", "PYTHONPATH", "GIT_DIR"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("KUBECONFIG", "cluster")
    assert {"APP_DIR", "MAKEFLAGS", "PYTHONPATH", "GIT_DIR"}.isdisjoint(alone())
    assert alone()["KUBECONFIG"] == "cluster"
