"""How a published history goes on: always by a fast-forward.

workspace:   f1 ── f2 ──────── f3        the folder's commits under their published names
                     ╲           ╲
published:            r1 ───────── m     r1 was committed there (a deploy's digest): it is merged, never lost
"""

from publish.git import Git
from publish.refusal import Refusal


def successor(git: Git, head: str | None, commit: str) -> str:
    """Return the commit to push for `commit`, where `head` is published; `head` itself where it has everything.

    Raises:
        Refusal: if `head` is of another history, or has changes that conflict with those made here.
    """
    if head is None or precedes(git, head, commit):
        return commit
    if precedes(git, commit, head):
        return head
    if git.run("merge-base", head, commit).returncode != 0:
        raise Refusal("holds another history, which is left alone: empty it or choose another name")
    done = git.run("merge-tree", "--write-tree", "--name-only", "--no-messages", head, commit)
    tree, *files = done.stdout.split("\n")
    if done.returncode != 0:
        conflicts = ", ".join(sorted({file for file in files if file})) or done.stderr.strip()
        raise Refusal(f"has commits that conflict with those made here: commit the same here first ({conflicts})")
    name, email = git("log", "-1", "--format=%an%n%ae", commit).split("\n")
    person = ("-c", f"user.name={name}", "-c", f"user.email={email}")
    message = "Merge what was published with what was committed here"
    return git(*person, "commit-tree", tree, "-p", head, "-p", commit, "-m", message)


def precedes(git: Git, earlier: str, later: str) -> bool:
    """Tell whether `later` has `earlier` in its history, or is it."""
    return git.run("merge-base", "--is-ancestor", earlier, later).returncode == 0
