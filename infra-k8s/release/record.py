"""What an environment ran and runs, as commits: record an image, push that, withdraw it, find what ran before.

`[skip ci]` keeps these commits from starting the workflow that made them. GitHub starts none for a push with a
workflow's own token anyway; the words hold for every other token too, and a change by hand still deploys.
"""

import re
from pathlib import Path

from clients.git import GitFailed, git
from clients.image_reference import ImageReference
from release.environments import recorded, write
from release.refused import Refused

FIRST_PUSH = "the application's docs/first-push.md"
LOOKED_BACK = 50  # commits
RUN = "Deploy-run"  # the trailer that names a workflow run and its attempt
TESTED = "Tested"  # the trailer that names the commit whose checks and tests passed before this one was made
SUBJECT = re.compile(r"Deploy \S+@\S+ to \S+ \[skip ci\]")
ALL_BUT_RECORDS = (":/", ":(top,exclude,glob)environments/*/image.yaml")


class NothingToWithdraw(Refused):
    """The environment no longer records the image of that commit."""


def commit(image: ImageReference, file: Path, run: str = "", *, tested: bool = False) -> str:
    """Record the image and commit that file alone; return the commit, or nothing where it was recorded already.

    `run` names the workflow run and its attempt, so that the run finds its commit again even if it lost its hash.
    `tested` says that checks and tests have passed with what is here, so that they need not be repeated for it.
    """
    write(image, file)
    trailers = [f"{RUN}: {checked_run(run)}"] if run else []
    trailers += [f"{TESTED}: {code(file)}"] if tested else []
    subject = f"Deploy {image.name}@{image.digest[:19]} to {file.parent.name} [skip ci]"
    return committed(file, "\n\n".join((subject, str(image), *(["\n".join(trailers)] if trailers else []))))


def code(file: Path) -> str:
    """Return the newest commit that changed anything but which images are recorded."""
    return git(file.parent, "log", "-1", "--format=%H", "--", *ALL_BUT_RECORDS)


def tested(file: Path) -> bool:
    """Say whether a record names this very code as tested: since then nothing but images was recorded.

    Only commits that record count, since anybody can write such a line into the message of another one.
    """
    newest_code = code(file)
    form = f"--format=%s%x09%(trailers:key={TESTED},valueonly,separator=%x20)"
    commits = git(file.parent, "log", "--no-merges", form, f"{newest_code}..HEAD", "--", file.name).splitlines()
    named = [told for subject, _, told in (line.partition("\t") for line in commits) if SUBJECT.fullmatch(subject)]
    return newest_code in named and not git(
        file.parent, "diff", "--name-only", newest_code, "HEAD", "--", *ALL_BUT_RECORDS
    )


def commit_of_run(file: Path, run: str) -> str:
    """Return the commit that a workflow run recorded; raise NothingToWithdraw where it recorded none."""
    form = f"--format=%H %(trailers:key={RUN},valueonly,separator=%x20)"
    commits = git(file.parent, "log", f"-{LOOKED_BACK}", form, "--", file.name).splitlines()
    found = [commit for commit, _, named in (line.partition(" ") for line in commits) if named == checked_run(run)]
    if not found:
        raise NothingToWithdraw(f"run {run} recorded nothing")
    return found[0]


def checked_run(run: str) -> str:
    """Return the name of a run; raise Refused unless it is `<run>/<attempt>`."""
    if not re.fullmatch(r"[0-9]+/[0-9]+", run):
        raise Refused(f"run {run!r}: it must be the run's number and its attempt, as 123/1")
    return run


def require_recorded(file: Path, branch: str) -> None:
    """Raise Refused unless the branch still records what this commit records.

    A job that is run again knows only its own commit: its digest may have been withdrawn or replaced since.
    """
    there = git(file.parent, "show", f"{branch}:./{file.name}") + "\n"
    if there == file.read_text():
        return
    present = recorded(there)
    raise Refused(
        f"{file.parent.name} no longer records this image on {branch}, but {present or 'none'}: "
        "it was withdrawn or replaced; start a new run of the workflow with the image to deploy"
    )


def withdraw(file: Path, revision: str = "") -> str:
    """Put back what was recorded before a commit, by default the newest that recorded anything; return the new commit.

    Raise NothingToWithdraw where something else has been recorded since.
    """
    revision = git(file.parent, "rev-parse", "--verify", f"{revision or newest(file)}^{{commit}}")
    if file.read_text() != text_at(file, revision):
        raise NothingToWithdraw(f"{file.parent.name} no longer runs what {revision[:12]} recorded: nothing to put back")
    subject = git(file.parent, "log", "-1", "--format=%s", revision)
    file.write_text(text_at(file, f"{revision}^"))
    return committed(file, f'Revert "{subject}"\n\nIts deploy failed. This reverts commit {revision}.')


def push(folder: Path, remote: str, branch: str, advice: str) -> None:
    """Push the present commit to a branch; raise Refused with `advice` where the branch has moved on.

    The commit is not put on top of what arrived meanwhile: a chart that nobody proved would be deployed with it.
    """
    git(folder, "fetch", "--quiet", remote, branch)
    try:
        git(folder, "merge-base", "--is-ancestor", "FETCH_HEAD", "HEAD")
    except GitFailed as behind:
        raise Refused(f"{branch} of {remote} has moved on since this began: {advice}") from behind
    try:
        git(folder, "push", "--quiet", remote, f"HEAD:refs/heads/{branch}")
    except GitFailed as refusal:
        raise Refused(f"{remote} took no push to {branch} ({FIRST_PUSH}, line 6): {refusal}") from refusal


def drop(file: Path) -> None:
    """Undo the present commit, which recorded or put back: what was not pushed is not recorded."""
    git(file.parent, "reset", "--quiet", "--soft", "HEAD^")
    git(file.parent, "checkout", "--quiet", "HEAD", "--", file.name)


def previous(file: Path) -> ImageReference | None:
    """Return the image that ran before the present one first ran; a rollback and its repetition do not count."""
    commits = git(file.parent, "log", f"-{LOOKED_BACK}", "--format=%H", "--", file.name).split()
    ran = [recorded(text_at(file, revision)) for revision in reversed(commits)]
    now = recorded(file.read_text())
    earlier = ran[: ran.index(now)] if now in ran else ran
    return earlier[-1] if earlier else None


def newest(file: Path) -> str:
    """Return the newest commit that changed the file."""
    return git(file.parent, "log", "-1", "--format=%H", "--", file.name)


def text_at(file: Path, revision: str) -> str:
    """Return the file as it was at a commit."""
    return git(file.parent, "show", f"{revision}:./{file.name}") + "\n"


def committed(file: Path, message: str) -> str:
    """Commit one file and return the commit, or nothing where it did not change."""
    if not git(file.parent, "status", "--porcelain", "--", file.name):
        return ""
    git(file.parent, "commit", "--quiet", "--message", message, "--only", "--", file.name)
    return git(file.parent, "rev-parse", "HEAD")
