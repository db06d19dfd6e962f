"""GitHub's "re-run failed jobs": jobs that passed are not run again and keep their outputs, the others run."""

import re
from typing import Any

import yaml

from proofs.workflows.act import Job, Outcome
from proofs.workflows.workflow import Workflow

OUTPUT = re.compile(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.([\w-]+)\s*\}\}")
NOTHING = [{"name": "passed before", "run": "true"}]


def of_failed_jobs(workflow: Workflow, outcome: Outcome) -> Workflow:
    """Return the workflow whose jobs that passed do nothing but have their outputs.

    As on GitHub, a job runs again if it failed or needs one that does.
    """
    content = workflow.content
    again: set[str] = set()
    for name, job in content["jobs"].items():
        needed = job.get("needs", [])
        needed = {needed} if isinstance(needed, str) else set(needed)
        if outcome.result(name) != "success" or needed & again:
            again.add(name)
        else:
            content["jobs"][name] = kept(job, outcome.jobs[name])
    return Workflow(workflow.path, yaml.safe_dump(content, sort_keys=False))


def kept(job: dict[str, Any], ran: Job) -> dict[str, Any]:
    """Return a job that has a job's outputs and does nothing."""
    known: dict[str, Any] = {key: job[key] for key in ("name", "needs", "runs-on") if key in job}
    outputs = {
        name: OUTPUT.sub(lambda found: ran.outputs.get(f"{found[1]}.{found[2]}", ""), value)
        for name, value in job.get("outputs", {}).items()
    }
    return {**known, "outputs": outputs, "permissions": {}, "steps": NOTHING}
