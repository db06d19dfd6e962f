"""Read a Makefile: its documented targets and its variables."""

import re
from pathlib import Path

TARGET = re.compile(r"^([a-z0-9-]+):.*?## (.+)$", re.MULTILINE)
ASSIGNED = re.compile(r"^(?:export )?([A-Z][A-Z_]*) *[?:]?=", re.MULTILINE)
READ = re.compile(r"\$[({]+([A-Z][A-Z_]*)\b")


def targets(folder: Path) -> dict[str, str]:
    """Return what `make help` lists: each target with its description."""
    return dict(TARGET.findall((folder / "Makefile").read_text()))


def variables(folder: Path) -> set[str]:
    """Return every variable that the Makefile sets, reads, or names in a target's description for its command."""
    text = (folder / "Makefile").read_text()
    described = {word for line in targets(folder).values() for word in re.findall(r"\b[A-Z][A-Z_]+\b", line)}
    return {*ASSIGNED.findall(text), *READ.findall(text), *described}
