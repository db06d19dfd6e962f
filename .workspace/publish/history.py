"""A published history: what a folder's commits become, and the commits that publishing puts on top of them.

    split:      s1 ── s2 ──────── s3          the folder's own history (git subtree split: the same each time)
                        ╲           ╲
    published:           p1 ──────── p2       p1 has s2's files under the published names, p2 those of s3
                           ╲           ╲
    remote:                 r1 ──────── m     r1 was committed there (a deploy's digest): it is merged, never lost

So an update is always a fast-forward. A remote whose history holds no commit made here is left alone.
"""

from dataclasses import dataclass

from publish.git import Git
from publish.refusal import Refusal

TRAILER = "Split-of"


@dataclass(frozen=True)
class Version:
    """A commit that publishing made, and the split commit whose files it has."""

    commit: str
    split: str


def split(git: Git, folder: str) -> str:
    """Return the newest commit of a folder's own history."""
    return git("subtree", "split", "-q", f"--prefix={folder}", "HEAD").splitlines()[-1]


def latest(git: Git, head: str) -> Version | None:
    """Return the newest commit within a history that publishing made."""
    ours = git(
        *("log", "-1", "--topo-order", "--extended-regexp", f"--grep=^{TRAILER}: [0-9a-f]{{40,64}}$"),
        *(f"--format=%H %(trailers:key={TRAILER},valueonly,separator=%x20)", head),
    )
    return Version(*ours.split()) if ours else None


def precedes(git: Git, earlier: str, later: str) -> bool:
    """Tell whether `later` has `earlier` in its history, or is it."""
    return git.run("merge-base", "--is-ancestor", earlier, later).returncode == 0


def successor(git: Git, head: str | None, split: str, tree: str, subject: str) -> str:
    """Return the commit that follows `head`, the published one, for the files of `split`; `head` if nothing does.

    Raises:
        Refusal: if `head` is of another history, or has changes that meet those made here.
    """
    message = f"{subject}\n\n{TRAILER}: {split}"
    if head is None or precedes(git, head, split):
        return commit(git, tree, [split], message, split)
    last = latest(git, head)
    if last is None:
        raise Refusal("holds another history, which is left alone: empty it or choose another name")
    if not precedes(git, last.split, split):
        raise Refusal(
            f"was published from commits that are not here ({last.split[:12]}): bring the workspace up to date"
        )
    if last.split == split and git("rev-parse", f"{last.commit}^{{tree}}") == tree:
        return head
    parents = [last.commit] if last.split == split else [last.commit, split]
    ours = commit(git, tree, parents, message, split)
    return ours if last.commit == head else merge(git, head, ours, split)


def merge(git: Git, head: str, ours: str, split: str) -> str:
    """Return the commit that keeps what was committed on the remote beside what is published now."""
    done = git.run("merge-tree", "--write-tree", "--name-only", "--no-messages", head, ours)
    tree, *files = done.stdout.split("\n")
    if done.returncode != 0:
        met = ", ".join(sorted({file for file in files if file})) or done.stderr.strip()
        raise Refusal(f"has commits of its own that meet those made here: commit the same here first ({met})")
    return commit(git, tree, [head, ours], "Merge what was published with what was committed here", split)


def commit(git: Git, tree: str, parents: list[str], message: str, dated: str) -> str:
    """Write a commit by the author and of the time of the commit `dated`: so the same is published twice as one."""
    author, email, time = git("show", "--no-patch", "--format=%an%n%ae%n%aI", dated).split("\n")
    person = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", author), ("EMAIL", email), ("DATE", time))
    }
    linked = [argument for parent in parents for argument in ("-p", parent)]
    return Git(git.folder, person)("commit-tree", tree, *linked, "-m", message)
