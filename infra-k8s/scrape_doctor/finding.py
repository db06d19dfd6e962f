"""What the check of one link found."""

from dataclasses import dataclass
from enum import StrEnum

from scrape_doctor.resources import ownership
from scrape_doctor.resources.objects import Object


class State(StrEnum):
    """The four states of a link."""

    OK = "ok"
    BROKEN = "broken"
    SKIPPED = "skipped"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One link's state in a sentence; if it is broken, also the cause's code, observations and a command or value.

    `wait` is how many seconds a link that is not checked now may need; `right` is what we would have to be allowed.
    `lasting_fix` says where the change belongs if a tool owns the object and would undo `fix`; else it is empty.
    """

    state: State
    message: str
    cause: str = ""
    observations: tuple[str, ...] = ()
    fix: str = ""
    lasting_fix: str = ""
    wait: int = 0
    right: str = ""

    @property
    def is_unsettled(self) -> bool:
        """Tell whether the link could be decided, but later or with more rights."""
        return bool(self.wait or self.right)


def ok(message: str, *observations: str) -> Finding:
    """Return that a link holds."""
    return Finding(State.OK, message, observations=observations)


def skipped(reason: str) -> Finding:
    """Return why a link does not apply or could not be checked; the links after it are still checked."""
    return Finding(State.SKIPPED, reason)


def waits(reason: str, seconds: int) -> Finding:
    """Return that a link can be checked only after some seconds."""
    return Finding(State.NOT_CHECKED, reason, wait=seconds)


def needs(right: str) -> Finding:
    """Return that a link can be checked only with a right."""
    return Finding(State.NOT_CHECKED, f"needs the right to {right}", right=right)


def broken(cause: str, message: str, *observations: str, fix: str, about: Object | None = None) -> Finding:
    """Return that a link is broken: a code for programs, a sentence for people, what was observed, what to do.

    `about` is the object that the fix changes: the tool that owns it has a say.
    """
    owner = ownership.owner(about) if about is not None else None
    by_helm_itself = "helm upgrade" in fix and owner is not None and owner.title.startswith("Helm ")
    lasting = owner.lasting_fix(about) if owner is not None and about is not None and not by_helm_itself else ""
    return Finding(State.BROKEN, message, cause, observations, fix, lasting)
