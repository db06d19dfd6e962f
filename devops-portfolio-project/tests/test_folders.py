"""Nothing depends on what a repository's folder is called: who publishes or clones it chooses the name."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pages.repositories import APP, HERE, INFRA, VARIABLES, Absent, folder

OTHER_NAMES = {APP: "web-shop", INFRA: "platform"}
INSTALLED = shutil.ignore_patterns(".venv", "node_modules", "build", ".git", ".*_cache", "__pycache__")
# Every test that reads the names of repositories; the pictures know none.
READERS = ("blocks", "links", "proofs", "walkthrough")


def test_the_pages_are_held_true_under_other_folder_names(tmp_path: Path) -> None:
    here = shutil.copytree(HERE, tmp_path / "our pages", ignore=INSTALLED)
    unknown = {*VARIABLES.values(), "REQUIRE_ALL", "PYTHONPATH"}
    environment = {name: value for name, value in os.environ.items() if name not in unknown}
    for repository, name in OTHER_NAMES.items():
        with suppress(Absent):
            copied = shutil.copytree(folder(repository), tmp_path / name, ignore=INSTALLED)
            environment[VARIABLES[repository]] = str(copied)
    tests = [f"tests/test_{name}.py" for name in READERS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
