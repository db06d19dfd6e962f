"""The repositories that the pages speak of, by name; siblings arrive as variables."""

import os
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
THIS = "devops-portfolio-project"
APP = "flask-app"
INFRA = "infra-k8s"
WORKSPACE = "workspace"  # the folder that holds all three
VARIABLES = {WORKSPACE: "WORKSPACE_DIR", APP: "APP_DIR", INFRA: "INFRA_DIR"}
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
    if not Path(path).is_dir():
        raise Absent(f"{VARIABLES[name]}={path}: there is no such folder")
    return Path(path).absolute()


def whole_tree() -> Path:
    """Return the tree in which all three are developed together; raise Absent where they are three clones."""
    path = folder(WORKSPACE)
    if not (path / "Makefile").is_file():
        raise Absent(f"{VARIABLES[WORKSPACE]}={path} has no Makefile: its repositories were cloned one by one")
    return path


def called(path: Path) -> str:
    """Return what the pages call a folder: its repository's name, whatever the folder itself is called."""
    for name in NAMES:
        with suppress(Absent):
            if folder(name).resolve() == path.resolve():
                return name
    return path.name


def pages() -> list[Path]:
    """Return every page of this repository."""
    made = {"node_modules", ".venv", "build"}
    return sorted(page for page in HERE.rglob("*.md") if not made & set(page.relative_to(HERE).parts))


def siblings_pages() -> list[tuple[Path, str]]:
    """Return the pages of the siblings that are at hand, each with its repository."""
    known = ((WORKSPACE, "README.md"), (APP, "README.md"), (INFRA, "README.md"), (INFRA, "helm/flask-app/README.md"))
    found = []
    for name, page in known:
        with suppress(Absent):
            if (file := folder(name) / page).is_file():
                found.append((file, name))
    return found
