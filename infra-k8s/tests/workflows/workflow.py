"""The workflows, read once."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Workflow:
    """One workflow: its text, and what is in it."""

    name: str
    text: str
    content: dict[str, Any]

    @classmethod
    def load(cls, name: str) -> "Workflow":
        """Read it. Every value is a string, also the key `on`, which YAML takes for true."""
        text = (ROOT / ".github" / "workflows" / f"{name}.yaml").read_text()
        return cls(name, text, yaml.load(text, Loader=yaml.BaseLoader))

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        jobs: dict[str, dict[str, Any]] = self.content["jobs"]
        return jobs

    @property
    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        """Return every step with its job's name."""
        return [(name, step) for name, job in self.jobs.items() for step in job["steps"]]

    def made(self) -> list[str]:
        """Return the targets that are made where nothing fails, in order and each once."""
        after_failure = ("failure()", "cancelled()")
        runs = [
            step["run"] for _, step in self.steps if not step.get("if", "").startswith(after_failure) and "run" in step
        ]
        return list(dict.fromkeys(target for run in runs for target in re.findall(r"\bmake (?:--silent )?(\w+)", run)))


DEPLOY, PULL_REQUEST = Workflow.load("deploy"), Workflow.load("pull-request")
WORKFLOWS = (DEPLOY, PULL_REQUEST)
