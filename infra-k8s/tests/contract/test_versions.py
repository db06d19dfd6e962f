"""One Python: what the image, the workflows, the linters and the locks say about its version is the same."""

import os
import re
import tomllib
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[2]


@pytest.fixture
def repositories(app_dir: Path) -> list[Path]:
    """Return the folders of the available repositories."""
    docs = os.environ.get("DOCS_DIR")
    return [app_dir, INFRA, *([Path(docs)] if docs else [])]


def versions(repositories: list[Path], pattern: str, files: str) -> set[str]:
    """Return what the pattern finds in these files of the repositories."""
    texts = [path.read_text() for repository in repositories for path in repository.glob(files)]
    return {version for text in texts for version in re.findall(pattern, text, re.MULTILINE)}


def test_the_image_and_every_workflow_run_the_same_python(repositories: list[Path]) -> None:
    workflows = versions(repositories, r'python-version: "?([\w.]+)', ".github/workflows/*.yaml")
    image = versions(repositories, r"(?:python:|--python-version )(\d+\.\d+)", "Dockerfile")
    assert len(workflows) == 1
    assert image == workflows


def test_linters_and_locks_are_for_the_oldest_supported_python(repositories: list[Path], app_dir: Path) -> None:
    requires = tomllib.loads((app_dir / "pyproject.toml").read_text())["project"]["requires-python"]
    assert versions(repositories, r'^target-version = "py3(\d+)"', "pyproject.toml") == {requires[len(">=3.") :]}
    assert versions(repositories, r"uv pip compile .*--python-version (\d\S*)", "Makefile") == {requires[len(">=") :]}
