"""What the workflows may do, when they run, and whom they trust."""

import re
from typing import Any

import pytest
import yaml

from tests.workflows.workflow import DEPLOY, PULL_REQUEST, ROOT, WORKFLOWS, Workflow

JOBS = [(workflow, name) for workflow in WORKFLOWS for name in workflow.jobs]
EACH_JOB = pytest.mark.parametrize(("workflow", "name"), JOBS, ids=[f"{w.name}-{name}" for w, name in JOBS])
EACH = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
WRITERS = {"record", "withdraw"}


def needs(job: dict[str, Any]) -> set[str]:
    wanted = job.get("needs", [])
    return {wanted} if isinstance(wanted, str) else set(wanted)


@EACH
def test_actions_are_pinned_by_commit_and_say_their_version(workflow: Workflow) -> None:
    used = re.findall(r"^\s+(?:- )?uses: (.+)$", workflow.text, re.M)
    assert len(used) == sum("uses" in step for _, step in workflow.steps)
    for action in used:
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_is_pinned_the_same_everywhere() -> None:
    used = {step["uses"] for workflow in WORKFLOWS for _, step in workflow.steps if "uses" in step}
    assert len(used) == len({action.split("@")[0] for action in used})


@EACH
def test_no_checkout_leaves_its_token_behind(workflow: Workflow) -> None:
    checkouts = [step for _, step in workflow.steps if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(workflow.jobs)
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@EACH_JOB
def test_only_the_jobs_that_commit_may_write(workflow: Workflow, name: str) -> None:
    assert workflow.content["permissions"] == {}
    writes = workflow is DEPLOY and name in WRITERS
    assert workflow.jobs[name]["permissions"] == {"contents": "write" if writes else "read"}
    assert ("github.token" in yaml.dump(workflow.jobs[name])) is writes


@EACH
def test_there_is_no_secret_to_leak(workflow: Workflow) -> None:
    assert "secrets." not in workflow.text


def test_no_pull_request_reaches_a_deploy_or_a_runner_of_ours() -> None:
    assert set(DEPLOY.content["on"]) == {"push", "repository_dispatch", "workflow_dispatch"}
    assert set(PULL_REQUEST.content["on"]) == {"pull_request"}
    assert {job["runs-on"] for job in PULL_REQUEST.jobs.values()} == {"ubuntu-24.04"}


def test_nothing_is_deployed_from_another_branch() -> None:
    assert DEPLOY.jobs["plan"]["if"] == "github.ref == 'refs/heads/main'"
    assert all(needs(job) & {"plan", "record"} for name, job in DEPLOY.jobs.items() if name not in ("test", "plan"))


def test_only_the_deploy_itself_runs_on_a_runner_of_ours() -> None:
    assert [name for name, job in DEPLOY.jobs.items() if "self-hosted" in job["runs-on"]] == ["deploy"]


def test_an_upgrade_is_never_cut_short_and_no_waiting_run_is_replaced_by_a_newer_one() -> None:
    assert DEPLOY.content["concurrency"] == {"group": "deploy", "cancel-in-progress": "false", "queue": "max"}


@EACH
def test_jobs_stand_in_the_order_in_which_they_need_each_other(workflow: Workflow) -> None:
    seen: set[str] = set()
    for name, job in workflow.jobs.items():
        assert needs(job) <= seen, name
        seen.add(name)


@EACH_JOB
def test_a_job_reads_only_from_jobs_that_it_needs_and_from_its_own_steps(workflow: Workflow, name: str) -> None:
    said = yaml.dump(workflow.jobs[name])
    for job, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", said):
        assert job in needs(workflow.jobs[name])
        assert output in workflow.jobs[job]["outputs"]
    for job in re.findall(r"needs\.(\w+)\.result", said):
        assert job in needs(workflow.jobs[name])
    assert set(re.findall(r"steps\.(\w+)\.", said)) <= {step.get("id") for step in workflow.jobs[name]["steps"]}


def test_nothing_is_recorded_that_was_not_verified_and_nothing_deployed_that_was_not_recorded() -> None:
    jobs = DEPLOY.jobs
    assert "needs.verify.result == 'success'" in jobs["record"]["if"]
    assert "needs.record.result == 'success'" in jobs["deploy"]["if"]
    # A job that was skipped is no failure: `prove` is, for a rollback.
    assert all("!failure() && !cancelled()" in jobs[name]["if"] for name in ("test", "record", "deploy"))
    assert needs(jobs["record"]) == {"test", "plan", "verify", "prove"}
    # Nor is one that its time limit has cut off.
    assert "(needs.test.result == 'success' || needs.plan.outputs.tested == 'true')" in jobs["record"]["if"]
    assert "(needs.prove.result == 'success' || needs.plan.outputs.prove != 'true')" in jobs["record"]["if"]


def test_tests_are_left_out_where_git_records_this_very_code_as_tested_but_never_for_a_push() -> None:
    left_out = "github.event_name == 'push' || needs.plan.outputs.tested != 'true'"
    assert DEPLOY.jobs["test"]["if"] == "${{ !failure() && !cancelled() && (" + left_out + ") }}"
    record = next(step for name, step in DEPLOY.steps if step.get("name") == "record")
    assert record["env"]["TESTED"] == "1", "what it records has passed, or it would not run"


def test_an_image_is_proved_beside_the_tests() -> None:
    assert needs(DEPLOY.jobs["test"]) == needs(DEPLOY.jobs["verify"]) == {"plan"}
    assert needs(DEPLOY.jobs["prove"]) == {"plan", "verify"}
    assert "test" not in needs(PULL_REQUEST.jobs["prove"])


def test_a_digest_is_put_back_whatever_became_of_its_deploy() -> None:
    condition = DEPLOY.jobs["withdraw"]["if"]
    assert condition.startswith("${{ always() && ")
    assert "needs.deploy.result != 'success'" in condition
    assert "needs.record.outputs.commit != needs.plan.outputs.base" in condition


def test_a_record_that_was_cancelled_after_its_push_is_put_back_too() -> None:
    """Its job has no output then, but its commit names the run."""
    assert "needs.record.result != 'skipped'" in DEPLOY.jobs["withdraw"]["if"]
    assert "needs.record.result == 'success'" not in DEPLOY.jobs["withdraw"]["if"]
    assert DEPLOY.content["env"]["DEPLOY_RUN"] == "${{ github.run_id }}/${{ github.run_attempt }}"


def test_a_deploy_that_is_run_again_asks_what_main_records_by_now() -> None:
    deploy = next(step for name, step in DEPLOY.steps if step.get("name") == "deploy")
    checkout = next(step for name, step in DEPLOY.steps if name == "deploy" and "checkout@" in step.get("uses", ""))
    assert deploy["env"] == {"RECORDED_ON": "origin/main"}
    assert checkout["with"]["fetch-depth"] == "0", "else the clone knows no origin/main"


def test_what_a_cancelled_job_had_deployed_is_rolled_back() -> None:
    names = [step.get("name") for step in DEPLOY.jobs["deploy"]["steps"]]
    undo = next(step for step in DEPLOY.jobs["deploy"]["steps"] if step.get("if", "").startswith("cancelled()"))
    assert names.index("start") < names.index("deploy") < names.index("gate") < names.index(undo["name"])
    assert undo["if"] == "cancelled() && steps.start.outcome == 'success'", "without SINCE it would always roll back"
    assert undo["env"] == {"SINCE": "${{ steps.start.outputs.time }}"}


def test_what_comes_from_outside_is_read_by_the_plan_alone() -> None:
    outside = re.compile(r"\$\{\{[^}]*(inputs\.|client_payload)")
    readers = {(name, step.get("id")) for name, step in DEPLOY.steps if outside.search(yaml.dump(step))}
    assert readers == {("plan", "plan")}


@EACH_JOB
def test_a_job_ends_by_itself(workflow: Workflow, name: str) -> None:
    assert 0 < int(workflow.jobs[name]["timeout-minutes"]) <= 40


@EACH_JOB
def test_a_job_with_a_cluster_says_more_when_it_fails(workflow: Workflow, name: str) -> None:
    steps = workflow.jobs[name]["steps"]
    if any("setup-minikube" in step.get("uses", "") for step in steps):
        assert [step["run"] for step in steps if step.get("if") == "failure()"] == ["make diagnostics"]


@EACH_JOB
def test_a_job_that_decides_something_tells_people(workflow: Workflow, name: str) -> None:
    if name != "test":
        assert "GITHUB_STEP_SUMMARY" in yaml.dump(workflow.jobs[name])


def test_every_job_uses_the_commit_that_was_planned_and_tested_and_nothing_newer() -> None:
    refs = {
        name: step["with"]["ref"] for name, step in DEPLOY.steps if step.get("uses", "").startswith("actions/checkout@")
    }
    assert refs["plan"] == "${{ github.ref_name }}"
    assert refs["test"] == "${{ needs.plan.outputs.base || github.ref_name }}", "a branch that is not main has no plan"
    assert {refs[name] for name in ("verify", "prove", "record")} == {"${{ needs.plan.outputs.base }}"}
    assert refs["deploy"] == "${{ needs.record.outputs.commit }}"


@pytest.mark.parametrize("workflow", [DEPLOY, PULL_REQUEST], ids=lambda workflow: workflow.name)
def test_only_images_of_this_repositorys_owner_are_trusted(workflow: Workflow) -> None:
    registry, name = "${{ vars.REGISTRY || 'ghcr.io' }}", "${{ vars.APP_NAME || 'flask-app' }}"
    assert workflow.content["env"]["TRUSTED_IMAGE"] == f"{registry}/${{{{ github.repository_owner }}}}/{name}"


@EACH
def test_registry_and_name_of_the_image_are_written_out_nowhere_else(workflow: Workflow) -> None:
    assert workflow.text.count("ghcr.io") == 1
    said = re.sub(r"flask-app-prove", "", workflow.text)
    assert said.count("flask-app") == 1


def test_every_job_uses_the_same_python() -> None:
    steps = [step for workflow in WORKFLOWS for _, step in workflow.steps]
    used = [step["with"]["python-version"] for step in steps if "setup-python@" in step.get("uses", "")]
    assert len(used) == sum(len(workflow.jobs) for workflow in WORKFLOWS)
    assert len(set(used)) == 1


def test_minikube_and_its_kubernetes_are_pinned_the_same_everywhere() -> None:
    used = [step["with"] for workflow in WORKFLOWS for _, step in workflow.steps if "minikube@" in step.get("uses", "")]
    pins = {(minikube["minikube-version"], minikube["kubernetes-version"]) for minikube in used}
    assert len(used) == 3
    assert [re.fullmatch(r"\d+\.\d+\.\d+ v\d+\.\d+\.\d+", " ".join(pin)) is not None for pin in pins] == [True]


def test_gate_wants_the_commit_that_verify_found_whatever_started_the_run() -> None:
    gate = next(step for name, step in DEPLOY.steps if step.get("name") == "gate")
    assert gate["env"]["REVISION"] == "${{ needs.verify.outputs.revision }}"


def test_a_deploy_tells_people_what_became_of_it_also_when_it_fails() -> None:
    told = [step for name, step in DEPLOY.steps if name == "deploy" and step.get("if") == "always()"]
    assert [set(step["env"]) for step in told] == [{"OUTCOME", "IMAGE", "REVISION"}]


@EACH
def test_summary_holds_no_fence_that_a_failure_leaves_open(workflow: Workflow) -> None:
    assert "```" not in workflow.text


@EACH
def test_diagnostics_of_a_proof_look_where_the_proof_was(workflow: Workflow) -> None:
    proved = next(step for name, step in workflow.steps if name == "prove" and step.get("name") == "diagnostics")
    assert f"PROVE_NAMESPACE ?= {proved['env']['NAMESPACE']}\n" in (ROOT / "Makefile").read_text()
