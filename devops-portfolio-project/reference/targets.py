"""The make targets of all repositories, read from their Makefiles."""

from pathlib import Path

from pages import makefile
from pages.repositories import NAMES, WORKSPACE, folder
from reference.table import Reference, code, sentence

WHERE = {WORKSPACE: "the folder that holds all three", ".workspace": "`.workspace`"}


def read() -> tuple[Reference, ...]:
    """Return a table for each repository, the workspace first."""
    folders = {WORKSPACE: folder(WORKSPACE), ".workspace": folder(WORKSPACE) / ".workspace"}
    folders |= {name: folder(name) for name in NAMES if name != WORKSPACE}
    return tuple(_table(name, path) for name, path in folders.items())


def _table(name: str, path: Path) -> Reference:
    rows = tuple((code(f"make {target}"), sentence(text)) for target, text in makefile.targets(path).items())
    title = WHERE.get(name, name)
    return Reference(f"Make targets: {title}", f"the `Makefile` of {title}", ("command", "what it does"), rows)
