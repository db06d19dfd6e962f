"""What an environment ran and runs, as commits: written down, sent on, taken back.

`[skip ci]` keeps these commits from starting the workflow that made them. GitHub starts none for a push with a
workflow's own token anyway; the words hold for every other token too, and a change by hand still deploys.
"""

import subprocess
from pathlib import Path

from release.record import record, recorded
from release.reference import Reference, Refused

LOOKED_BACK = 50  # commits


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it printed; raise Refused with its last words otherwise."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Refused(f"git {arguments[0]}: {said[-1] if said else f'exit status {done.returncode}'}")
    return done.stdout.strip()


def commit(image: Reference, file: Path) -> str:
    """Record the image and commit that file alone; return the commit, or nothing where it was recorded already."""
    record(image, file)
    return committed(file, f"Deploy {image.name}@{image.digest[:19]} to {file.parent.name} [skip ci]\n\n{image}")


def withdraw(file: Path, revision: str = "") -> str:
    """Put back what was recorded before a commit, by default the newest that recorded anything; return the new commit.

    Raise Refused where something else has been recorded since.
    """
    revision = git(file.parent, "rev-parse", "--verify", f"{revision or newest(file)}^{{commit}}")
    if file.read_text() != text_at(file, revision):
        raise Refused(f"{file.parent.name} no longer runs what {revision[:12]} recorded: nothing to put back")
    subject = git(file.parent, "log", "-1", "--format=%s", revision)
    file.write_text(text_at(file, f"{revision}^"))
    return committed(file, f'Revert "{subject}"\n\nIt was not fit to run. This reverts commit {revision}.')


def push(folder: Path, remote: str, branch: str) -> None:
    """Send the present commit to a branch; raise Refused where that has moved on.

    It is not put on top of what arrived meanwhile: a chart that nobody proved would be deployed with it.
    """
    git(folder, "fetch", "--quiet", remote, branch)
    try:
        git(folder, "merge-base", "--is-ancestor", "FETCH_HEAD", "HEAD")
    except Refused as behind:
        raise Refused(f"{branch} of {remote} has moved on since this began: run it again from plan on") from behind
    git(folder, "push", "--quiet", remote, f"HEAD:refs/heads/{branch}")


def before(file: Path) -> Reference | None:
    """Return what ran before that which runs now first ran: a step back and forth is no history."""
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
