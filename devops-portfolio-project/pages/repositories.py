"""The repositories that the pages speak of, by name; siblings arrive as variables."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
THIS = "devops-portfolio-project"
APP = "flask-app"
# The folder that holds all three, and the siblings.
VARIABLES = {"workspace": "WORKSPACE_DIR", APP: "APP_DIR", "infra-k8s": "INFRA_DIR"}
NAMES = (THIS, *VARIABLES)


class Absent(LookupError):
    """A repository is not at hand; the message says which variable names its folder."""


def folder(name: str) -> Path:
    """Return the folder of a repository; raise Absent where this one stands alone."""
    if name == THIS:
        return HERE
    path = os.environ.get(VARIABLES[name])
    if not path:
        raise Absent(f"{VARIABLES[name]} is not set: this repository stands alone")
    return Path(path)


def pages() -> list[Path]:
    """Return every page of this repository."""
    made = {"node_modules", ".venv", "build"}
    return sorted(page for page in HERE.rglob("*.md") if not made & set(page.relative_to(HERE).parts))
