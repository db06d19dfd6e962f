"""One Python: what the image, the workflows, the linters and `.ci/run` say about its version is the same."""

import os
import re
import tomllib
from pathlib import Path

APP = Path(os.environ["APP_DIR"])
REPOSITORIES = [Path(os.environ[name]) for name in ("APP_DIR", "INFRA_DIR", "DOCS_DIR") if os.environ.get(name)]


def versions(pattern: str, files: str) -> set[str]:
    """Return what the pattern finds in these files of the repositories."""
    texts = [path.read_text() for repository in REPOSITORIES for path in repository.glob(files)]
    return {version for text in texts for version in re.findall(pattern, text, re.MULTILINE)}


def supported() -> str:
    requires: str = tomllib.loads((APP / "pyproject.toml").read_text())["project"]["requires-python"]
    return requires.removeprefix(">=")


def test_the_image_and_every_workflow_run_the_same_python() -> None:
    workflows = versions(r'python-version: "?([\w.]+)', ".github/workflows/*.yaml")
    image = versions(r"python:(\d+\.\d+)", "Dockerfile") | versions(r"--python-version (\S+)", "Dockerfile")
    assert len(workflows) == 1
    assert image == workflows


def test_linters_and_locks_are_for_the_oldest_supported_python() -> None:
    assert versions(r'^target-version = "py3(\d+)"', "pyproject.toml") == {supported().removeprefix("3.")}
    assert versions(r"uv pip compile .*--python-version (\d\S*)", "Makefile") == {supported()}
