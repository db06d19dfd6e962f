from typing import Any

from proofs.workflows.act import Job, Outcome
from proofs.workflows.rerun import of_failed_jobs
from proofs.workflows.workflow import Workflow

TEXT = """\
name: deploy
on: push
jobs:
  record:
    name: record it
    runs-on: ubuntu-24.04
    permissions:
      contents: write
    outputs:
      commit: ${{ steps.commit.outputs.commit }}
      none: ${{ steps.commit.outputs.none }}
    steps:
      - id: commit
        run: echo "commit=abc" >>"$GITHUB_OUTPUT"
  deploy:
    needs: [record]
    if: ${{ !failure() && needs.record.result == 'success' }}
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
  withdraw:
    needs: deploy
    if: ${{ always() }}
    runs-on: ubuntu-24.04
    steps: [{run: make withdraw}]
  notice:
    needs: record
    runs-on: ubuntu-24.04
    steps: [{run: echo}]
"""


def rerun(**results: str) -> dict[str, Any]:
    jobs = {name: Job(name, result, outputs={"commit.commit": "abc"}) for name, result in results.items()}
    found: dict[str, Any] = of_failed_jobs(Workflow("deploy.yaml", TEXT), Outcome(jobs)).content["jobs"]
    return found


def test_what_failed_and_what_needs_it_runs_again_and_the_rest_keeps_its_outputs() -> None:
    whole = Workflow("deploy.yaml", TEXT).content["jobs"]
    again = rerun(record="success", deploy="failure", withdraw="success", notice="success")
    assert again["deploy"] == whole["deploy"]
    assert again["withdraw"] == whole["withdraw"]
    assert again["record"]["outputs"] == {"commit": "abc", "none": ""}
    assert again["record"]["permissions"] == {}
    assert [step["run"] for name in ("record", "notice") for step in again[name]["steps"]] == ["true", "true"]


def test_where_the_first_job_failed_everything_that_follows_runs_again() -> None:
    again = rerun(record="failure", deploy="skipped", withdraw="success", notice="skipped")
    assert again == Workflow("deploy.yaml", TEXT).content["jobs"]
