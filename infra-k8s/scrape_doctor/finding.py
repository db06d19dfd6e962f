"""What the check of one link found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The four states of a link."""

    OK = "ok"
    BROKEN = "broken"
    SKIPPED = "skipped"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One link's state in a sentence; if it is broken, also the cause's code, observations and a command or value."""

    state: State
    message: str
    cause: str = ""
    observations: tuple[str, ...] = ()
    fix: str = ""


def ok(message: str, *observations: str) -> Finding:
    """Return that a link holds."""
    return Finding(State.OK, message, observations=observations)


def skipped(reason: str) -> Finding:
    """Return why a link does not apply or could not be checked; the links after it are still checked."""
    return Finding(State.SKIPPED, reason)


def broken(cause: str, message: str, *observations: str, fix: str) -> Finding:
    """Return that a link is broken: a code for programs, a sentence for people, what was observed, what to do."""
    return Finding(State.BROKEN, message, cause, observations, fix)
