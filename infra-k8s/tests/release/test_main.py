"""What the steps print, where a workflow or `make ci` reads it."""

from pathlib import Path

import pytest

from release import __main__ as release
from release import history
from release.reference import Reference

IMAGE = f"ghcr.io/owner/flask-app@sha256:{'a' * 64}"
COMMIT = "c" * 40


def test_verify_hands_on_the_commit_that_was_tested(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "verify", lambda *_: COMMIT)
    assert release.main(["verify", "--image", IMAGE]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"revision={COMMIT}"
    assert said[-1].startswith(f"verify: {IMAGE} is signed")


@pytest.fixture
def environment(image_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the steps work in the clone."""
    monkeypatch.setattr(release, "file_of", lambda _: image_file)
    return image_file


def test_run_withdraws_its_own_record_once_and_says_when_there_is_nothing_left(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["record", "--image", IMAGE, "--run", "7/1"]) == 0
    assert release.main(["withdraw", "--run", "8/1"]) == 0
    assert "withdraw: run 8/1 recorded nothing" in capsys.readouterr().out
    assert release.main(["withdraw", "--run", "7/1"]) == 0
    assert release.main(["withdraw", "--run", "7/1"]) == 0
    assert "nothing to put back" in capsys.readouterr().out
    assert 'digest: ""' in environment.read_text()


def test_withdraw_that_cannot_be_pushed_says_what_a_person_has_to_do(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.commit(Reference.parse(IMAGE), environment)
    history.push(environment.parent, "origin", "main")
    theirs = environment.parents[3] / "theirs"
    history.git(environment.parent, "clone", "--quiet", str(environment.parents[3] / "shared.git"), str(theirs))
    history.git(theirs, "commit", "--quiet", "--allow-empty", "--message", "Meanwhile")
    history.git(theirs, "push", "--quiet", "origin", "HEAD:main")
    assert release.main(["withdraw", "--push", "origin"]) == 1
    said = capsys.readouterr().err
    assert "git records minikube's failed image: run this job again" in said
    assert len(said.splitlines()) == 1


def test_confirm_refuses_in_one_line_what_the_branch_no_longer_records(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.commit(Reference.parse(IMAGE), environment)
    assert release.main(["confirm", "--branch", "origin/main"]) == 1
    assert "no longer records this image on origin/main, but none" in capsys.readouterr().err
    history.push(environment.parent, "origin", "main")
    assert release.main(["confirm", "--branch", "origin/main"]) == 0
