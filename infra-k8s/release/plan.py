"""What a run of the deploy workflow is to do, decided before anything is touched."""

import re
from dataclasses import dataclass
from pathlib import Path

from clients.image_reference import ImageReference
from release import record
from release.environments import recorded
from release.refused import Refused
from release.verify import require_trusted

COMMIT = re.compile(r"[0-9a-f]{40}")
ACTIONS = ("deploy", "rollback")


@dataclass(frozen=True)
class Plan:
    """Which image is deployed; none where nothing was ever recorded.

    A new image is proved before it is recorded. An image that ran before was proved then: a rollback has to be quick.
    `tested` says whether git records that the chart and its tools, as they are here, were tested before.
    """

    image: ImageReference | None
    revision: str
    prove: bool
    tested: bool

    def outputs(self) -> dict[str, str]:
        """Return the plan as a workflow reads it."""
        return {
            "image": str(self.image or ""),
            "revision": self.revision,
            "prove": str(self.prove).lower(),
            "tested": str(self.tested).lower(),
        }


def decide(action: str, image: str, revision: str, file: Path, trusted: str = "") -> Plan:
    """Decide from untrusted input; raise Refused with one line about what is wrong with it.

    With `trusted` it is an image of that repository or none. Without an image the recorded one is deployed, and a
    rollback goes to the one before it.
    """
    if action not in ACTIONS:
        raise Refused(f"action {action!r}: it must be one of {', '.join(ACTIONS)}")
    if revision and not COMMIT.fullmatch(revision):
        raise Refused(f"revision {revision!r}: it must be a commit's 40 hex digits")
    rolls_back = action == "rollback"
    if image:
        selected: ImageReference | None = ImageReference.parse(image)
    else:
        selected = record.previous(file) if rolls_back else recorded(file.read_text())
    if rolls_back and selected is None:
        raise Refused(f"{file.parent.name} never ran another image: name the one to roll back to")
    if selected and trusted:
        require_trusted(selected, trusted)
    return Plan(selected, revision, prove=selected is not None and not rolls_back, tested=record.tested(file))
