"""Every action that a workflow uses has a stand-in, with the inputs that it is given and the outputs that are read."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from proofs.workflows.github import STAND_INS

INFRA = Path(__file__).resolve().parents[3]
LONGEST = 45  # lines: more than a few, and what is stood in for is imitated


def steps() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each step that uses an action, with where it stands and the text of its whole job."""
    folders = [INFRA, *(Path(os.environ[name]) for name in ("APP_DIR", "DOCS_DIR") if os.environ.get(name))]
    for folder in folders:
        for file in sorted((folder / ".github" / "workflows").glob("*.yaml")):
            for name, job in yaml.safe_load(file.read_text())["jobs"].items():
                for number, step in enumerate(job["steps"]):
                    if "uses" in step:
                        yield f"{file.stem}-{name}-{number}", step, yaml.safe_dump(job)


USED = list(steps())
FILES = sorted(STAND_INS.glob("*/**/action.yml"))


def stand_in(uses: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((STAND_INS / uses.partition("@")[0] / "action.yml").read_text())
    return content


@pytest.mark.parametrize(("step", "job"), [each[1:] for each in USED], ids=[each[0] for each in USED])
def test_a_step_gives_and_reads_what_its_stand_in_knows(step: dict[str, Any], job: str) -> None:
    action = stand_in(step["uses"])
    assert set(step.get("with", {})) <= set(action["inputs"])
    if "id" in step:
        read = set(re.findall(rf"steps\.{step['id']}\.outputs\.([\w-]+)", job))
        assert read <= set(action["outputs"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.parent.relative_to(STAND_INS)))
def test_a_stand_in_is_a_composite_action_of_a_few_lines(file: Path) -> None:
    assert yaml.safe_load(file.read_text())["runs"]["using"] == "composite"
    assert len(file.read_text().splitlines()) <= LONGEST


def test_the_readme_says_of_every_stand_in_what_it_leaves_unproven() -> None:
    readme = (STAND_INS.parent / "README.md").read_text()
    actions = [str(file.parent.relative_to(STAND_INS)) for file in FILES]
    commands = [f"`{file.name}`" for file in (STAND_INS / "commands").iterdir() if file.name in ("gh", "helm", "grype")]
    assert [name for name in (*actions, *commands) if name not in readme] == []
