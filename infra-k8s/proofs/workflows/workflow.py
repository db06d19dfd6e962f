"""A workflow file: which events start it, which of its runs wait for each other, and what its jobs may do."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from proofs.workflows.expression import NotUnderstood, filled


@dataclass(frozen=True)
class Event:
    """Something that happened at a repository, OWNER/NAME: what GitHub would start runs for."""

    repository: str
    name: str
    ref: str
    sha: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    def context(self, run: int) -> dict[str, str]:
        """Return the fields of the `github` context that tell runs apart."""
        return {
            "github.ref": self.ref,
            "github.sha": self.sha,
            "github.event_name": self.name,
            "github.repository": self.repository,
            "github.run_id": str(run),
        }


@dataclass(frozen=True)
class Concurrency:
    """Of the runs of a group one runs at a time. Of those that wait the newest stays, or all do."""

    group: str
    cancels_running: bool
    keeps_all: bool


@dataclass(frozen=True)
class Workflow:
    """A workflow file's text; what of it is read here is read from nothing else."""

    path: str
    text: str

    @property
    def content(self) -> dict[str, Any]:
        """Return the file as data; every scalar is a string, also the key `on`, which YAML 1.1 takes for true."""
        content: dict[str, Any] = yaml.load(self.text, Loader=yaml.BaseLoader)
        return content

    def starts_for(self, event: Event) -> bool:
        """Say whether an event starts it."""
        triggers: Any = self.content["on"]
        if isinstance(triggers, str | list) or event.name not in triggers:
            return event.name in ([triggers] if isinstance(triggers, str) else triggers)
        asked: dict[str, list[str]] = triggers[event.name] or {}
        if event.name == "push":
            return pushed(asked, event.ref)
        if event.name == "repository_dispatch":
            return "types" not in asked or event.payload["action"] in asked["types"]
        return True

    def concurrency(self, event: Event, run: int) -> Concurrency | None:
        """Return which runs a run for this event waits for; None where it waits for none."""
        asked = self.content.get("concurrency")
        if not asked:
            return None
        asked = {"group": asked} if isinstance(asked, str) else asked
        if unknown := set(asked) - {"group", "cancel-in-progress", "queue"}:
            raise NotUnderstood(f"concurrency: {', '.join(sorted(unknown))}")
        told = {key: filled(value, event.context(run)) for key, value in asked.items()}
        return Concurrency(told["group"], told.get("cancel-in-progress") == "true", told.get("queue") == "max")

    def rights(self) -> dict[str, dict[str, str]]:
        """Return the permissions of each job; what a job does not name, it does not have."""
        content = self.content
        common = content.get("permissions", {})
        return {name: job.get("permissions", common) or {} for name, job in content["jobs"].items()}

    def actions(self) -> set[str]:
        """Return the actions that its steps use, as owner/name[/folder]@commit."""
        steps = [step for job in self.content["jobs"].values() for step in job.get("steps", [])]
        return {step["uses"] for step in steps if "uses" in step}

    def pythons(self) -> set[str]:
        """Return the versions of Python that its steps ask for."""
        steps = [step for job in self.content["jobs"].values() for step in job.get("steps", [])]
        return {step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})}


def pushed(asked: Mapping[str, list[str]], ref: str) -> bool:
    """Say whether a push of a ref is among those that are asked for."""
    kind, name = ("tags", ref.removeprefix("refs/tags/"))
    if ref.startswith("refs/heads/"):
        kind, name = ("branches", ref.removeprefix("refs/heads/"))
    if not asked:
        return True
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in asked.get(kind, []))
