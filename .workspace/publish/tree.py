"""The files of one repository under its published names."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from publish.git import Git
from publish.refusal import Refusal
from publish.rules import Rule, applied

# Made by programs of the repository itself: made anew, as it would be after a change by hand. The golden file of the
# chart holds checksums of what is renamed; that it is true before, the workspace's own tests have said.
GENERATORS = {
    "helm/reference.py": "helm.reference",
    "monitoring/dashboards/__main__.py": "monitoring.dashboards",
    "tests/chart/golden.py": "tests.chart.golden",
}
# A name of another length changes where lines break and how imports are ordered; what cannot be broken is marked.
FORMATTERS = (("check", "--fix-only"), ("format",), ("check", "--select=E501", "--add-noqa"))


def published(git: Git, commit: str, rules: tuple[Rule, ...]) -> str:
    """Write the tree of `commit` under its published names into the object store; return its id."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "files")
        folder.mkdir()
        store = {"GIT_DIR": git("rev-parse", "--absolute-git-dir"), "GIT_INDEX_FILE": str(Path(scratch, "index"))}
        files = Git(folder, store | {"GIT_WORK_TREE": str(folder)})
        files("read-tree", commit)
        files("checkout-index", "--all")
        rename(folder, rules)
        refresh(folder)
        files("add", "--all")
        return files("write-tree")


def rename(folder: Path, rules: tuple[Rule, ...]) -> None:
    """Apply the rules to every text in a folder, and to the names of files and folders."""
    for path in list(_deepest_first(folder)):
        if path.is_file() and not path.is_symlink():
            _rewrite(path, rules)
        name = applied(rules, path.name)
        if name == path.name:
            continue
        if (target := path.with_name(name)).exists():
            raise Refusal(f"{path.relative_to(folder)} cannot become {name}, which exists: choose another NAME")
        path.rename(target)


def _deepest_first(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, topdown=False):
        yield from (Path(here, name) for name in sorted([*files, *folders]))


def _rewrite(path: Path, rules: tuple[Rule, ...]) -> None:
    content = path.read_bytes()
    if b"\0" in content:
        return
    text = content.decode()
    if (changed := applied(rules, text)) != text:
        path.write_bytes(changed.encode())


def refresh(folder: Path) -> None:
    """Make anew what is generated, and format the code; raise Refusal with the reason if that fails."""
    for path, module in GENERATORS.items():
        if (folder / path).is_file():
            _run(folder, sys.executable, "-m", module)
    ruff = str(Path(sys.executable).with_name("ruff"))
    for formatter in FORMATTERS:
        _run(folder, ruff, *formatter, "--no-cache", "--quiet", ".")


def _run(folder: Path, *command: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise Refusal(f"{' '.join(command[1:])} failed on the renamed files: {complaint[-1]}")
