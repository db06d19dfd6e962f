"""The repositories that the pages describe. Environment variables name the folders of the siblings."""

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
SIBLING_PAGES = ("README.md", "SECURITY.md", "CHANGELOG.md", "docs/*.md", "helm/*/README.md")
INSTALLED = {"node_modules", ".venv", "build", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


class MissingRepository(LookupError):
    """A repository is not available; the message says which variable has to name its folder."""


def folder(name: str) -> Path:
    """Return the folder of a repository; raise MissingRepository where its variable does not name one."""
    if name == THIS:
        return HERE
    path = os.environ.get(VARIABLES[name])
    if not path:
        raise MissingRepository(f"{VARIABLES[name]} is not set: this repository stands alone")
    if not Path(path).is_dir():
        raise MissingRepository(f"{VARIABLES[name]}={path}: there is no such folder")
    return Path(path).resolve()


def whole_tree() -> Path:
    """Return the tree in which all three are developed together; raise MissingRepository for three clones."""
    path = folder(WORKSPACE)
    if not (path / "Makefile").is_file():
        raise MissingRepository(
            f"{VARIABLES[WORKSPACE]}={path} has no Makefile: its repositories were cloned one by one"
        )
    return path


def repository_name(path: Path) -> str:
    """Return the name of the repository in a folder, whatever the folder itself is called."""
    for name in NAMES:
        with suppress(MissingRepository):
            if folder(name).resolve() == path.resolve():
                return name
    return path.name


def files(*suffixes: str) -> list[Path]:
    """Return every file of this repository with one of these suffixes, without what make and tools have put there."""
    top = (entry for entry in HERE.iterdir() if entry.name not in INSTALLED)
    found = (path for entry in top for path in (entry.rglob("*") if entry.is_dir() else (entry,)))
    return sorted(path for path in found if path.suffix in suffixes and path.is_file())


def pages() -> list[Path]:
    """Return every page of this repository."""
    return files(".md")


def sibling_pages() -> list[tuple[Path, str]]:
    """Return the pages of the available siblings, each with the name of its repository."""
    known = ((WORKSPACE, "README.md"), *((name, page) for name in (APP, INFRA) for page in SIBLING_PAGES))
    found = []
    for name, page in known:
        with suppress(MissingRepository):
            found += [(file, name) for file in sorted(folder(name).glob(page))]
    return found
