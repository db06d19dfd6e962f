"""What a link of the chain was found to be."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The four things that can be said of a link."""

    OK = "ok"
    BROKEN = "broken"
    SKIPPED = "skipped"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One link's state, the cause's code if it is broken, what was seen, and the command or value that mends it."""

    state: State
    said: str
    cause: str = ""
    saw: tuple[str, ...] = ()
    mend: str = ""


def ok(said: str, *saw: str) -> Finding:
    """Say that a link holds."""
    return Finding(State.OK, said, saw=saw)


def skipped(why: str) -> Finding:
    """Say why a link does not apply or could not be looked at; what comes after it is still examined."""
    return Finding(State.SKIPPED, why)


def broken(cause: str, said: str, *saw: str, mend: str) -> Finding:
    """Say that a link is broken: a code for programs, a sentence for people, what was seen, what to do."""
    return Finding(State.BROKEN, said, cause, saw, mend)
