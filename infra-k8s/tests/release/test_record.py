from pathlib import Path

import pytest

from clients.git import GitFailed, git
from clients.image_reference import ImageReference
from release import record
from release.environments import recorded, write
from release.plan import decide
from release.refused import Refused

A, B, C = (ImageReference.parse(f"ghcr.io/owner/flask-app@sha256:{letter * 64}") for letter in "abc")


def present(file: Path) -> ImageReference | None:
    return recorded(file.read_text())


def test_record_commits_the_image_alone(image_file: Path) -> None:
    clone = image_file.parents[2]
    (clone / "other").write_text("half done")
    commit = record.commit(A, image_file)
    assert git(clone, "show", "--format=", "--name-only", commit) == "environments/minikube/image.yaml"
    assert git(clone, "status", "--porcelain") == "M other"
    assert str(A) in git(clone, "log", "-1", "--format=%b")


def test_record_of_what_runs_already_makes_no_commit(image_file: Path) -> None:
    record.commit(A, image_file)
    assert record.commit(A, image_file) == ""


def test_commits_of_a_run_start_no_other(image_file: Path) -> None:
    record.commit(A, image_file)
    record.withdraw(image_file)
    subjects = git(image_file.parent, "log", "-2", "--format=%s").splitlines()
    assert all("[skip ci]" in subject for subject in subjects)


def test_withdraw_puts_back_what_ran_before(image_file: Path) -> None:
    record.commit(A, image_file)
    failed = record.commit(B, image_file)
    record.withdraw(image_file, failed)
    assert present(image_file) == A
    assert failed in git(image_file.parent, "log", "-1", "--format=%b")


def test_first_record_is_withdrawn_to_nothing(image_file: Path) -> None:
    record.commit(A, image_file)
    record.withdraw(image_file)
    assert present(image_file) is None


def test_withdraw_leaves_a_newer_record_alone(image_file: Path) -> None:
    failed = record.commit(A, image_file)
    record.commit(B, image_file)
    with pytest.raises(Refused, match="no longer runs what"):
        record.withdraw(image_file, failed)
    assert present(image_file) == B


@pytest.mark.parametrize("commit", ["--all", "no-such", "0" * 40])
def test_withdraw_of_what_is_no_commit_is_refused(image_file: Path, commit: str) -> None:
    record.commit(A, image_file)
    with pytest.raises(GitFailed):
        record.withdraw(image_file, commit)
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

    record.commit(A, image_file)
    with pytest.raises(Refused, match="main of origin has moved on"):
        record.push(image_file.parent, "origin", "main", "run it again")
    git(theirs, "pull", "--quiet", "origin", "main")
    assert git(theirs, "log", "--format=%s").splitlines() == ["Their work", "Fresh"]


def test_push_arrives_where_nobody_was_faster(image_file: Path) -> None:
    theirs = clone_of_somebody_else(image_file)
    record.commit(A, image_file)
    record.push(image_file.parent, "origin", "main", "run it again")
    git(theirs.parent, "pull", "--quiet", "origin", "main")
    assert present(theirs) == A


def test_run_that_waited_begins_with_what_the_one_before_it_recorded(image_file: Path) -> None:
    record.commit(A, image_file)
    record.push(image_file.parent, "origin", "main", "run it again")
    waited = clone_of_somebody_else(image_file)
    assert decide("deploy", "", "", waited).image == A
    record.commit(B, waited)
    record.push(waited.parent, "origin", "main", "run it again")
    git(image_file.parent, "pull", "--quiet", "origin", "main")
    assert present(image_file) == B


def test_push_never_overwrites_a_record_of_somebody_else(image_file: Path) -> None:
    theirs = clone_of_somebody_else(image_file)
    record.commit(B, theirs)
    record.push(theirs.parent, "origin", "main", "run it again")

    record.commit(A, image_file)
    with pytest.raises(Refused, match="has moved on"):
        record.push(image_file.parent, "origin", "main", "run it again")
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
    ids=["nothing", "first", "second", "back to the first", "back and back again", "on after a rollback"],
)
def test_what_ran_before_is_no_step_back_and_forth(
    image_file: Path, ran: list[ImageReference], before: ImageReference | None
) -> None:
    for image in ran:
        record.commit(image, image_file)
    assert record.previous(image_file) == before


def test_uncommitted_record_counts_as_what_runs(image_file: Path) -> None:
    record.commit(A, image_file)
    write(B, image_file)
    assert record.previous(image_file) == A


def fresh_clone(image_file: Path) -> Path:
    """Return the environment's file in a clone of what was pushed, as a later job of the same run checks it out."""
    shared = image_file.parents[3] / "shared.git"
    clone = image_file.parents[3] / f"job-{len(list(image_file.parents[3].glob('job-*')))}"
    git(shared, "clone", "--quiet", str(shared), str(clone))
    return clone / image_file.relative_to(image_file.parents[2])


def pushed(file: Path, image: ImageReference, run: str = "") -> str:
    commit = record.commit(image, file, run)
    record.push(file.parent, "origin", "main", "run it again")
    return commit


def test_run_that_was_cancelled_after_its_push_finds_its_commit_and_takes_it_back(image_file: Path) -> None:
    pushed(image_file, A, "6/1")
    pushed(image_file, B, "7/1")  # and here it was cancelled: no job got the commit
    later = fresh_clone(image_file)
    record.withdraw(later, record.commit_of_run(later, "7/1"))
    record.push(later.parent, "origin", "main", "run it again")
    assert present(fresh_clone(image_file)) == A


@pytest.mark.parametrize("run", ["8/1", "7/2"], ids=["another run", "another attempt of the run"])
def test_run_that_recorded_nothing_takes_nothing_back(image_file: Path, run: str) -> None:
    pushed(image_file, A, "7/1")
    with pytest.raises(record.NothingToWithdraw, match=f"run {run} recorded nothing"):
        record.commit_of_run(image_file, run)


@pytest.mark.parametrize("run", ["7", "7/1\nDeploy-run: 8/1", "$(id)"])
def test_name_of_a_run_may_be_nothing_else(image_file: Path, run: str) -> None:
    with pytest.raises(Refused, match="the run's number and its attempt"):
        record.commit(A, image_file, run)


def test_deploy_that_is_run_again_after_a_withdraw_is_refused(image_file: Path) -> None:
    pushed(image_file, A)
    failed = pushed(image_file, B)
    record.withdraw(image_file, failed)
    record.push(image_file.parent, "origin", "main", "run it again")
    again = fresh_clone(image_file)
    git(again.parent, "checkout", "--quiet", failed)
    with pytest.raises(
        Refused, match=f"no longer records this image on origin/main, but {A}: .* start a new run"
    ) as why:
        record.require_recorded(again, "origin/main")
    assert len(str(why.value).splitlines()) == 1


def test_deploy_that_is_run_again_after_a_newer_record_is_refused(image_file: Path) -> None:
    older = pushed(image_file, A)
    pushed(image_file, B)
    again = fresh_clone(image_file)
    git(again.parent, "checkout", "--quiet", older)
    with pytest.raises(Refused, match=f"but {B}"):
        record.require_recorded(again, "origin/main")


def test_what_is_still_recorded_is_deployed_whatever_else_has_changed(image_file: Path) -> None:
    recorded_in = pushed(image_file, A)
    (image_file.parents[2] / "other").write_text("new")
    git(image_file.parent, "commit", "--quiet", "--all", "--message", "Other work")
    git(image_file.parent, "push", "--quiet", "origin", "HEAD:main")
    again = fresh_clone(image_file)
    git(again.parent, "checkout", "--quiet", recorded_in)
    record.require_recorded(again, "origin/main")


def test_branch_that_is_not_known_is_a_refusal(image_file: Path) -> None:
    with pytest.raises(GitFailed, match=r"git show: .*no-such"):
        record.require_recorded(image_file, "no-such/main")


def test_code_is_recorded_as_tested_until_it_changes(image_file: Path) -> None:
    assert not record.tested(image_file)
    record.commit(A, image_file, "1/1", tested=True)
    record.commit(B, image_file, "2/1")
    assert record.tested(image_file)
    record.withdraw(image_file)
    assert record.tested(image_file)
    other = image_file.parents[2] / "other"
    other.write_text("changed")
    git(other.parent, "commit", "--quiet", "--all", "--message", "Change")
    assert not record.tested(image_file)


def test_code_that_was_tested_elsewhere_is_not_recorded_as_tested(image_file: Path) -> None:
    """The commit that is named has to be this very code."""
    record.commit(A, image_file, "1/1", tested=True)
    other = image_file.parents[2] / "other"
    other.write_text("changed")
    git(other.parent, "commit", "--quiet", "--all", "--message", "Change")
    record.commit(B, image_file, "2/1")
    assert not record.tested(image_file)


@pytest.mark.parametrize("arguments", [("commit", "--allow-empty"), ("merge", "--no-ff")])
def test_line_in_the_message_of_another_commit_records_nothing(image_file: Path, arguments: tuple[str, ...]) -> None:
    """A pull request's title becomes the last line of GitHub's merge commit."""
    clone = image_file.parents[2]
    git(clone, "checkout", "--quiet", "-b", "topic")
    (clone / "other").write_text("changed")
    git(clone, "commit", "--quiet", "--all", "--message", "Change")
    head = git(clone, "rev-parse", "HEAD")
    if arguments[0] == "merge":
        git(clone, "checkout", "--quiet", "main")
        arguments += ("topic",)
    git(clone, *arguments, "--quiet", "--message", f"Merge pull request #1\n\nTested: {head}")
    assert not record.tested(image_file)


def test_run_finds_its_commit_beside_what_else_it_says(image_file: Path) -> None:
    commit = record.commit(A, image_file, "1/1", tested=True)
    assert record.commit_of_run(image_file, "1/1") == commit
