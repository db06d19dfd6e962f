"""Nothing depends on what a repository's folder is called: who publishes or clones it chooses the name."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks.repositories import APP, HERE, INFRA, VARIABLES
from tests.conftest import require

INSTALLED = shutil.ignore_patterns(".venv*", "node_modules", "build", ".git", ".*_cache", "__pycache__")


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    return shutil.copytree(HERE, tmp_path / "our pages", ignore=INSTALLED)


def passes(folder: Path, *arguments: str, **siblings: str) -> None:
    """Run tests in a folder that knows only these siblings."""
    unknown = {*VARIABLES.values(), "REQUIRE_ALL", "PYTHONPATH"}
    environment = {name: value for name, value in os.environ.items() if name not in unknown}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment | siblings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_this_repository_passes_alone_under_another_folder_name(renamed: Path) -> None:
    passes(renamed, *(f"tests/test_{name}.py" for name in ("blocks", "links", "proofs", "walkthrough")))


def test_siblings_are_called_by_their_own_names_in_other_folders(renamed: Path, tmp_path: Path) -> None:
    app, infra = require(APP, INFRA)
    copies = {
        VARIABLES[APP]: str(shutil.copytree(app, tmp_path / "web-shop", ignore=INSTALLED)),
        VARIABLES[INFRA]: str(shutil.copytree(infra, tmp_path / "platform", ignore=INSTALLED)),
    }
    passes(renamed, "tests/test_blocks.py", "-k", "does_not_exist_is_found", **copies)
