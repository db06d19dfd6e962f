"""The make targets of all repositories, read from their Makefiles."""

from pages import makefile
from pages.repositories import NAMES, folder
from reference.table import Reference, code, sentence

WHERE = {"workspace": "the folder that holds all three"}


def read() -> tuple[Reference, ...]:
    """Return a table for each repository, the workspace first."""
    return tuple(_table(name) for name in sorted(NAMES, key=lambda name: name != "workspace"))


def _table(name: str) -> Reference:
    rows = tuple((code(f"make {target}"), sentence(text)) for target, text in makefile.targets(folder(name)).items())
    title = WHERE.get(name, name)
    return Reference(f"Make targets: {title}", f"the `Makefile` of {title}", ("command", "what it does"), rows)
