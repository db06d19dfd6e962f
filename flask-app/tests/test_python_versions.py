"""The oldest supported Python, and the one of the image and the workflow, are the same wherever they are written."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CLASSIFIER = "Programming Language :: Python :: "
SUPPORTED = [line.removeprefix(CLASSIFIER) for line in PROJECT["project"]["classifiers"] if line.startswith(CLASSIFIER)]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))


def test_the_versions_between_the_oldest_and_the_newest_are_supported() -> None:
    minors = [int(version.removeprefix("3.")) for version in SUPPORTED]
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_the_oldest_is_the_one_that_is_required_and_checked() -> None:
    assert PROJECT["project"]["requires-python"] == f">={SUPPORTED[0]}"
    assert PROJECT["tool"]["mypy"]["python_version"] == SUPPORTED[0]


def test_the_image_runs_on_the_newest() -> None:
    versions = set(re.findall(r"^FROM .*\bpython:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert versions == {SUPPORTED[-1]}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_the_workflow_sets_up_the_newest(workflow: Path) -> None:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    setups = [step for job in jobs for step in job["steps"] if step.get("uses", "").startswith("actions/setup-python@")]
    assert {step["with"]["python-version"] for step in setups} == {SUPPORTED[-1]}


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_no_version_is_written_out_a_second_time(name: str) -> None:
    assert not re.findall(r"--python-version 3|Python 3\.|python3\.\d", (ROOT / name).read_text())
