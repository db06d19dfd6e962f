"""What act needs changed in a workflow file before it can read it: all of it, and nothing else."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Lines that are taken out, and why act 0.2.89 cannot have them."""

    lines: re.Pattern[str]
    why: str


EDITS = (
    Edit(
        re.compile(r"^ +queue: max(?: *#.*)?\n", re.MULTILINE),
        "act refuses the key `queue` of `concurrency`; the runs here are queued as the file says nevertheless",
    ),
)


def readable(workflow: str) -> str:
    """Return a workflow file's text as act can read it."""
    for edit in EDITS:
        workflow = edit.lines.sub("", workflow)
    return workflow
