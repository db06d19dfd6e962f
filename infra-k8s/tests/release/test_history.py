from pathlib import Path

import pytest

from release import history
from release.history import git
from release.plan import decide
from release.record import record, recorded
from release.reference import Reference, Refused

A, B, C = (Reference.parse(f"ghcr.io/owner/flask-app@sha256:{letter * 64}") for letter in "abc")


def present(file: Path) -> Reference | None:
    return recorded(file.read_text())


def test_record_commits_the_image_alone(image_file: Path) -> None:
    clone = image_file.parents[2]
    (clone / "other").write_text("half done")
    commit = history.commit(A, image_file)
    assert git(clone, "show", "--format=", "--name-only", commit) == "environments/minikube/image.yaml"
    assert git(clone, "status", "--porcelain") == "M other"
    assert str(A) in git(clone, "log", "-1", "--format=%b")


def test_record_of_what_runs_already_makes_no_commit(image_file: Path) -> None:
    history.commit(A, image_file)
    assert history.commit(A, image_file) == ""


def test_commits_of_a_run_start_no_other(image_file: Path) -> None:
    history.commit(A, image_file)
    history.withdraw(image_file)
    subjects = git(image_file.parent, "log", "-2", "--format=%s").splitlines()
    assert all("[skip ci]" in subject for subject in subjects)


def test_withdraw_puts_back_what_ran_before(image_file: Path) -> None:
    history.commit(A, image_file)
    failed = history.commit(B, image_file)
    history.withdraw(image_file, failed)
    assert present(image_file) == A
    assert failed in git(image_file.parent, "log", "-1", "--format=%b")


def test_first_record_is_withdrawn_to_nothing(image_file: Path) -> None:
    history.commit(A, image_file)
    history.withdraw(image_file)
    assert present(image_file) is None


def test_withdraw_leaves_a_newer_record_alone(image_file: Path) -> None:
    failed = history.commit(A, image_file)
    history.commit(B, image_file)
    with pytest.raises(Refused, match="no longer runs what"):
        history.withdraw(image_file, failed)
    assert present(image_file) == B


@pytest.mark.parametrize("commit", ["--all", "no-such", "0" * 40])
def test_withdraw_of_what_is_no_commit_is_refused(image_file: Path, commit: str) -> None:
    history.commit(A, image_file)
    with pytest.raises(Refused):
        history.withdraw(image_file, commit)
    assert present(image_file) == A


def clone_of_somebody_else(image_file: Path) -> Path:
    shared, other = image_file.parents[3] / "shared.git", image_file.parents[3] / "theirs"
    git(other.parent, "clone", "--quiet", str(shared), str(other))
    return other / image_file.relative_to(image_file.parents[2])


def test_push_is_refused_once_others_have_pushed_what_nobody_proved(image_file: Path) -> None:
    theirs = clone_of_somebody_else(image_file).parents[2]
    (theirs / "other").write_text("new")
    git(theirs, "commit", "--quiet", "--all", "--message", "Their work")
    git(theirs, "push", "--quiet", "origin", "HEAD:main")

    history.commit(A, image_file)
    with pytest.raises(Refused, match="main of origin has moved on"):
        history.push(image_file.parent, "origin", "main")
    git(theirs, "pull", "--quiet", "origin", "main")
    assert git(theirs, "log", "--format=%s").splitlines() == ["Their work", "Fresh"]


def test_push_arrives_where_nobody_was_faster(image_file: Path) -> None:
    theirs = clone_of_somebody_else(image_file)
    history.commit(A, image_file)
    history.push(image_file.parent, "origin", "main")
    git(theirs.parent, "pull", "--quiet", "origin", "main")
    assert present(theirs) == A


def test_run_that_waited_begins_with_what_the_one_before_it_recorded(image_file: Path) -> None:
    history.commit(A, image_file)
    history.push(image_file.parent, "origin", "main")
    waited = clone_of_somebody_else(image_file)
    assert decide("deploy", "", "", waited).image == A
    history.commit(B, waited)
    history.push(waited.parent, "origin", "main")
    git(image_file.parent, "pull", "--quiet", "origin", "main")
    assert present(image_file) == B


def test_push_never_overwrites_a_record_of_somebody_else(image_file: Path) -> None:
    theirs = clone_of_somebody_else(image_file)
    history.commit(B, theirs)
    history.push(theirs.parent, "origin", "main")

    history.commit(A, image_file)
    with pytest.raises(Refused, match="has moved on"):
        history.push(image_file.parent, "origin", "main")
    assert git(image_file.parents[2], "status", "--porcelain") == ""
    git(theirs.parent, "pull", "--quiet", "origin", "main")
    assert present(theirs) == B


@pytest.mark.parametrize(
    ("ran", "before"),
    [
        ([], None),
        ([A], None),
        ([A, B], A),
        ([A, B, A], None),
        ([C, A, B, A], C),
        ([A, B, A, C], A),
    ],
    ids=["nothing", "first", "second", "back to the first", "back and back again", "on after a way back"],
)
def test_what_ran_before_is_no_step_back_and_forth(
    image_file: Path, ran: list[Reference], before: Reference | None
) -> None:
    for image in ran:
        history.commit(image, image_file)
    assert history.before(image_file) == before


def test_uncommitted_record_counts_as_what_runs(image_file: Path) -> None:
    history.commit(A, image_file)
    record(B, image_file)
    assert history.before(image_file) == A
