"""What the steps print, and hand on to a workflow or `make ci`."""

from pathlib import Path

import pytest

from clients.git import git
from clients.image_reference import ImageReference
from release import __main__ as release
from release import pending, record

IMAGE = f"ghcr.io/owner/flask-app@sha256:{'a' * 64}"
COMMIT = "c" * 40


@pytest.fixture
def environment(image_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the steps work in the clone."""
    monkeypatch.setattr(release, "file_of", lambda _: image_file)
    return image_file


@pytest.mark.parametrize("step", ["verify", "promote"])
def test_verify_hands_on_the_commit_that_was_tested(
    step: str, environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "verify", lambda *_: COMMIT)
    output = tmp_path / "output"
    assert release.main([step], {"IMAGE": IMAGE, "GITHUB_OUTPUT": str(output)}) == 0
    assert output.read_text() == f"revision={COMMIT}\n"
    (said, *_) = capsys.readouterr().out.splitlines()
    assert said == f"verify: {IMAGE} is signed by who may publish it, and commit {COMMIT} was tested"


def test_plan_hands_on_what_it_prints_behind_what_is_there(
    environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    output.write_text("before=1\n")
    assert release.main(["plan"], {"IMAGE": IMAGE, "GITHUB_OUTPUT": str(output)}) == 0
    assert output.read_text() == f"before=1\nimage={IMAGE}\nrevision=\nprove=true\ntested=false\n"
    assert output.read_text().endswith(capsys.readouterr().out)


def test_plan_without_a_file_for_its_outputs_prints_them(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["plan"], {"IMAGE": IMAGE}) == 0
    assert f"image={IMAGE}\n" in capsys.readouterr().out


def test_run_withdraws_its_own_record_once_and_says_when_there_is_nothing_left(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["record"], {"IMAGE": IMAGE, "DEPLOY_RUN": "7/1"}) == 0
    assert release.main(["withdraw"], {"DEPLOY_RUN": "8/1"}) == 0
    assert "withdraw: run 8/1 recorded nothing" in capsys.readouterr().out
    assert release.main(["withdraw"], {"DEPLOY_RUN": "7/1"}) == 0
    assert release.main(["withdraw"], {"DEPLOY_RUN": "7/1"}) == 0
    assert "nothing to put back" in capsys.readouterr().out
    assert 'digest: ""' in environment.read_text()


def test_withdraw_that_cannot_be_pushed_says_what_a_person_has_to_do(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record.commit(ImageReference.parse(IMAGE), environment)
    record.push(environment.parent, "origin", "main", "run it again")
    theirs = environment.parents[3] / "theirs"
    git(environment.parent, "clone", "--quiet", str(environment.parents[3] / "shared.git"), str(theirs))
    git(theirs, "commit", "--quiet", "--allow-empty", "--message", "Meanwhile")
    git(theirs, "push", "--quiet", "origin", "HEAD:main")
    assert release.main(["withdraw"], {"PUSH": "origin"}) == 1
    said = capsys.readouterr().err
    assert "git records minikube's failed image: run this job again" in said
    assert len(said.splitlines()) == 1
    assert IMAGE.partition("@")[2] in environment.read_text(), "what was not pushed is not put back"


def test_record_that_cannot_be_pushed_can_be_repeated(environment: Path, tmp_path: Path) -> None:
    remote = environment.parents[3] / "shared.git"
    remote.rename(away := tmp_path / "away.git")
    assert release.main(["record"], {"IMAGE": IMAGE, "PUSH": "origin"}) == 1
    assert 'digest: ""' in environment.read_text()
    away.rename(remote)
    assert release.main(["record"], {"IMAGE": IMAGE, "PUSH": "origin"}) == 0
    assert IMAGE.partition("@")[2] in git(remote, "show", "main:environments/minikube/image.yaml")


def test_gate_settings_that_are_wrong_are_refused_before_the_deploy(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["prepare"], {"RATE": "fast"}) == 1
    assert "RATE='fast'" in capsys.readouterr().err


def test_what_the_branch_no_longer_records_is_refused_in_one_line_before_the_upgrade(
    environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "free", lambda _: "")
    record.commit(ImageReference.parse(IMAGE), environment)
    assert release.main(["prepare"], {"RECORDED_ON": "origin/main"}) == 1
    assert "no longer records this image on origin/main, but none" in capsys.readouterr().err
    record.push(environment.parent, "origin", "main", "run it again")
    assert release.main(["prepare"], {"RECORDED_ON": "origin/main"}) == 0


@pytest.mark.parametrize(
    ("step", "name", "value", "expected"),
    [
        ("plan", "ACTION", "destroy", "one of deploy, rollback"),
        ("plan", "IMAGE", "ghcr.io/owner/flask-app:latest", "an image by digest"),
        ("plan", "REVISION", "main", "40 hex digits"),
        ("record", "PUSH", "--exec=touch", "begins with no dash"),
        ("record", "DEPLOY_RUN", "7", "as 123/1"),
        ("withdraw", "COMMIT", "--all", "begins with no dash"),
        ("gate", "RATE", "fast", "a number"),
        ("gate", "NAMESPACE", "Shops", "a name of lower-case letters"),
        ("gate", "ROLLBACK", "yes", "0 or 1"),
        ("rollback", "RELEASE", "-x", "a name of lower-case letters"),
        ("rollback", "SINCE", "yesterday", "a time with its zone"),
        ("rollback", "SINCE", "2026-13-01T00:00:00Z", "month must be"),
        ("prepare", "DEPLOY_TIMEOUT", "soon", "a duration"),
    ],
)
def test_bad_input_is_one_line_that_names_it_and_nothing_is_done(
    step: str, name: str, value: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([step], {name: value}) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{step}: refused: {name}={value!r}: ")
    assert expected in said
    assert len(said.splitlines()) == 1
