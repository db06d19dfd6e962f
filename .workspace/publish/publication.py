"""What publishing does to each of the three repositories: decided for all of them before anything is changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from publish import history, places, tree
from publish.git import Git
from publish.names import REPOSITORIES, Names
from publish.places import Place
from publish.refusal import Refusal
from publish.rules import table


@dataclass(frozen=True)
class Publication:
    """One folder and the repository it becomes; `refusal` says what is in the way, if anything is."""

    folder: str
    repository: str
    address: str
    exists: bool = False
    head: str | None = None
    commit: str = ""
    commits: int = 0
    renamed: int = 0
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


def require_clean(git: Git) -> None:
    """Raise Refusal if there is anything that a commit would still change: it would not be published."""
    if changed := git("status", "--porcelain").splitlines():
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Refusal(f"not everything is committed ({changed[0].split(maxsplit=1)[1]}{more}): commit it first")


def plan(git: Git, names: Names, place: Place) -> Iterator[Publication]:
    """Yield what is to be done, one repository after the other; nothing but the object store of `git` is changed."""
    for folder, repository in zip(REPOSITORIES, names.repositories, strict=True):
        yield _planned(git, names, place, folder, repository)


def _planned(git: Git, names: Names, place: Place, folder: str, repository: str) -> Publication:
    address = place.address(repository)
    split = history.split(git, folder)
    files = tree.published(git, split, table(names))
    try:
        head = places.head(git, place, repository)
        commit = history.successor(git, head, split, files, f"Publish as {names.owner}/{repository}")
    except Refusal as refusal:
        return Publication(folder, repository, address, refusal=str(refusal))
    return Publication(
        folder=folder,
        repository=repository,
        address=address,
        exists=place.has(repository),
        head=head,
        commit=commit,
        commits=int(git("rev-list", "--count", split)),
        renamed=len(git("diff-tree", "-r", "--name-only", "--find-renames", split, files).splitlines()),
    )


def carry_out(git: Git, place: Place, publication: Publication) -> None:
    """Create the repository where there is none and push; raise Refusal with the reason if that fails."""
    if not publication.exists:
        place.create(publication.repository)
    if publication.head != publication.commit:
        places.push(git, place, publication.repository, publication.commit)
