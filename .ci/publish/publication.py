"""What publishing does to each of the three repositories: decided for all of them before anything is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from publish.destination import Destination, fetch_head, push
from publish.git import BRANCH, Git
from publish.names import REPOSITORIES, Names
from publish.refusal import Refusal
from publish.rewrite import rewrite
from publish.successor import successor


@dataclass(frozen=True)
class Publication:
    """One folder and the repository it becomes; `refusal` says what is in the way, if anything is."""

    git: Git
    folder: str
    repository: str
    address: str
    exists: bool = False
    head: str | None = None
    commit: str = ""
    commits: int = 0
    changed: int = 0
    refusal: str = ""

    @property
    def step(self) -> str:
        """Say in a few words what is done."""
        if self.refusal:
            return "REFUSED"
        if self.head is None:
            return "first push" if self.exists else "create and push"
        if self.head == self.commit:
            return "up to date"
        return f"fast-forward {self.head[:12]} to {self.commit[:12]}"

    def carry_out(self, destination: Destination) -> None:
        """Create the repository where there is none and push; raise Refusal with the reason if that fails."""
        if not self.exists:
            destination.create(self.repository)
        if self.head != self.commit:
            push(self.git, destination, self.repository, self.commit)


def require_clean(workspace: Git) -> None:
    """Raise Refusal if anything is not committed: it would not be published."""
    if changed := workspace("status", "--porcelain").splitlines():
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Refusal(f"not everything is committed ({changed[0].split(maxsplit=1)[1]}{more}): commit it first")


def plan(workspace: Git, names: Names, destination: Destination, scratch: Path) -> Iterator[Publication]:
    """Yield what is to be done, one repository after the other; only `scratch` is written to."""
    for folder, repository in zip(REPOSITORIES, names.repositories, strict=True):
        git, address = rewrite(workspace, folder, names, scratch / f"{folder}.git"), destination.address(repository)
        try:
            head = fetch_head(git, destination, repository)
            commit = successor(git, head, git("rev-parse", BRANCH))
        except Refusal as refusal:
            yield Publication(git, folder, repository, address, refusal=str(refusal))
            continue
        before, after = workspace("ls-tree", "-r", f"HEAD:{folder}"), git("ls-tree", "-r", BRANCH)
        yield Publication(
            git=git,
            folder=folder,
            repository=repository,
            address=address,
            exists=destination.has(repository),
            head=head,
            commit=commit,
            commits=int(git("rev-list", "--count", BRANCH)),
            changed=len(set(after.splitlines()) - set(before.splitlines())),
        )
