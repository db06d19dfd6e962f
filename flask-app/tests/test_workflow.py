"""What the workflow may do, and that it does nothing that `make ci` does not."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_readme import table

ROOT = Path(__file__).parent.parent
FILE = ROOT / ".github/workflows/ci.yaml"
# Everything is a string, also the key `on`, which YAML 1.1 takes for true.
WORKFLOW: dict[str, Any] = yaml.load(FILE.read_text(), Loader=yaml.BaseLoader)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
NOT_FOR_PULL_REQUESTS = "github.event_name != 'pull_request'"
ONLY_FOR_PULL_REQUESTS = "github.event_name == 'pull_request'"
# Written down in the README instead, because they are GitHub's own business or nobody's.
OUTSIDE_CI = {"setup", "inputs", "digest", "summary", "dispatch"}
BUILD_ACTION = "docker/build-push-action@"

STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
RUNS = [(name, step) for name, step in STEPS if "run" in step]
BUILDS = [(name, step) for name, step in STEPS if step.get("uses", "").startswith(BUILD_ACTION)]
BY_NAME = [f"{name}-{step['name']}" for name, step in RUNS]


def called(step: dict[str, Any]) -> list[str]:
    """Return the scripts that a step calls; the build action is `image`, with what it pushes."""
    if step.get("uses", "").startswith(BUILD_ACTION):
        return ["image PUSH=digest" if "push=true" in step["with"]["outputs"] else "image"]
    return re.findall(r"\bscripts/([a-z]+)", step.get("run", ""))


def needs(name: str) -> set[str]:
    wanted = JOBS[name].get("needs", [])
    return {wanted} if isinstance(wanted, str) else set(wanted)


def reached_by_pull_requests(name: str) -> bool:
    return JOBS[name].get("if") != NOT_FOR_PULL_REQUESTS and all(map(reached_by_pull_requests, needs(name)))


def steps_of(*, pull_request: bool) -> list[str]:
    """Return the scripts that a pull request runs, or a push, without those that `make ci` has no part in."""
    excluded = NOT_FOR_PULL_REQUESTS if pull_request else ONLY_FOR_PULL_REQUESTS
    jobs = [name for name in JOBS if JOBS[name].get("if") != excluded]
    jobs = [name for name in jobs if reached_by_pull_requests(name)] if pull_request else jobs
    scripts = [script for name, step in STEPS if name in jobs for script in called(step)]
    return [script for script in scripts if script.split()[0] not in OUTSIDE_CI]


def ci_steps() -> list[str]:
    script = (ROOT / "scripts/ci").read_text()
    loop = re.search(r"^for step in (.+); do$", script, re.MULTILINE)
    assert loop is not None
    assert "\nexport PLATFORMS=$platforms PUSH=digest\n" in script
    return ["image PUSH=digest" if step == "image" else step for step in loop[1].split()]


def test_a_push_makes_what_make_ci_makes_in_the_same_order() -> None:
    """Before that it builds without pushing, beside the tests, so that the push finds its layers in the cache."""
    assert [step for step in steps_of(pull_request=False) if step != "image"] == ci_steps()


def test_a_pull_request_makes_the_first_of_them_and_pushes_nothing() -> None:
    steps = steps_of(pull_request=True)
    assert steps == ["check", "test", "image", "starts"]
    assert [step for step in steps if step != "image"] == ci_steps()[:3]


def test_what_decides_waits_for_nothing_that_it_does_not_need() -> None:
    assert not needs("test") | needs("build")
    assert needs("publish") == {"test", "build"}
    assert needs("tag") == needs("dispatch") == {"publish", "verify"}


def test_what_is_built_beside_the_tests_is_what_is_pushed() -> None:
    (_, built), (job, pushed) = BUILDS
    assert job == "publish"
    assert {name for name in pushed["with"] if pushed["with"][name] != built["with"].get(name)} == {
        "outputs",
        "provenance",
        "sbom",
    }
    assert built["env"] == pushed["env"]


def test_jobs_stand_in_the_order_in_which_they_need_each_other() -> None:
    seen: set[str] = set()
    for name in JOBS:
        assert needs(name) <= seen, name
        seen.add(name)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_reads_only_from_jobs_that_it_needs_and_from_its_own_steps(name: str) -> None:
    text = yaml.dump(JOBS[name])
    for job, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", text):
        assert job in needs(name)
        assert output in JOBS[job]["outputs"]
    assert set(re.findall(r"steps\.(\w+)\.", text)) <= {step.get("id") for step in JOBS[name]["steps"]}


def test_it_runs_for_main_tags_and_pull_requests_and_never_with_a_pull_requests_own_rights() -> None:
    assert WORKFLOW["on"] == {"push": {"branches": ["main"], "tags": ["v*"]}, "pull_request": ""}


def test_what_main_and_tags_publish_is_never_cut_short() -> None:
    """Nor is one lost while it waits: without `queue` a newer run replaces the waiting one."""
    by_reference = "ci-${{ " + ONLY_FOR_PULL_REQUESTS + " && github.run_id || github.ref }}"
    assert WORKFLOW["concurrency"] == {"group": by_reference, "queue": "max"}
    for name, job in JOBS.items():
        if job.get("if") == NOT_FOR_PULL_REQUESTS or not reached_by_pull_requests(name):
            assert "concurrency" not in job


def test_a_newer_push_to_a_pull_request_cancels_the_older_one() -> None:
    """GitHub refuses `queue: max` together with `cancel-in-progress`, so this is a matter of the jobs."""
    of_a_pull_request = {
        "test": "pull-request-test-${{ " + ONLY_FOR_PULL_REQUESTS + " && github.ref || github.run_id }}",
        "build": "pull-request-build-${{ " + ONLY_FOR_PULL_REQUESTS + " && github.ref || github.run_id }}",
    }
    for name, group in of_a_pull_request.items():
        assert JOBS[name]["concurrency"] == {"group": group, "cancel-in-progress": "true"}


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    used = re.findall(r"^\s+(?:- )?uses: (.+)$", FILE.read_text(), re.M)
    assert len(used) == sum("uses" in step for _, step in STEPS)
    for action in used:
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_is_pinned_the_same_everywhere() -> None:
    used = {step["uses"] for _, step in STEPS if "uses" in step}
    assert len(used) == len({action.split("@")[0] for action in used})


def test_an_image_that_an_action_runs_is_pinned_by_digest() -> None:
    images = [value for _, step in STEPS for value in step.get("with", {}).values() if re.search(r"\w/\w+:\w", value)]
    assert len(images) == 3
    assert all(re.search(r"@sha256:[0-9a-f]{64}$", image) for image in images)


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(JOBS)
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_has_the_permissions_that_its_steps_need_and_no_other(name: str) -> None:
    scripts = " ".join(script for job, step in STEPS if job == name for script in called(step))
    needed = {"contents": "read"}
    if re.search(r"PUSH=|sign|attest|tags", scripts):
        needed["packages"] = "write"
    if re.search(r"sign|attest", scripts):
        needed["id-token"] = "write"
    assert JOBS[name]["permissions"] == needed
    assert WORKFLOW["permissions"] == {}


def test_a_job_that_may_write_installs_no_package() -> None:
    writing = [name for name, job in JOBS.items() if "write" in job["permissions"].values()]
    scripts = {script.split()[0] for name, step in STEPS if name in writing for script in called(step)}
    assert {"image", "attest", "tags"} <= scripts
    for script in scripts:
        assert not re.search(r"scripts/setup|\bpip\b|make setup", (ROOT / "scripts" / script).read_text())


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_a_pull_request_reaches_sees_no_secret_and_writes_nothing(name: str) -> None:
    if reached_by_pull_requests(name):
        assert "secrets." not in yaml.dump(JOBS[name])
        assert "github.token" not in yaml.dump(JOBS[name])
        assert set(JOBS[name]["permissions"].values()) == {"read"}
    else:
        assert name not in ("test", "build")


def test_a_secret_is_given_to_the_one_step_that_needs_it() -> None:
    around = {**WORKFLOW, "jobs": {name: {**job, "steps": []} for name, job in JOBS.items()}}
    assert "secrets." not in yaml.dump(around)
    seen = [(name, step.get("name") or step["uses"].split("@")[0]) for name, step in STEPS if "secrets." in str(step)]
    assert seen == [
        ("publish", "log in (docs/first-push.md, line 3)"),
        ("tag", "log in (docs/first-push.md, line 3)"),
        ("dispatch", "actions/create-github-app-token"),
        ("dispatch", "dispatch"),
    ]


def test_names_come_from_where_it_runs() -> None:
    """A copy of this repository, under any name, publishes and verifies its own image."""
    text = FILE.read_text()
    assert not re.search(r"(\}\}|ghcr\.io/[\w-]+)/flask-app", text)
    assert re.findall(r".*ghcr\.io.*", yaml.dump(WORKFLOW["env"])) == ["REGISTRY: ${{ vars.REGISTRY || 'ghcr.io' }}"]
    assert [line.strip() for line in text.splitlines() if "infra-k8s" in line] == [
        "INFRA_NAME: ${{ vars.INFRA_REPOSITORY || 'infra-k8s' }}"
    ]


def test_the_workflows_token_goes_to_no_registry_but_githubs() -> None:
    logins = [step["with"] for _, step in STEPS if step.get("uses", "").startswith("docker/login-action@")]
    assert len(logins) == 2
    for login in logins:
        assert login["registry"] == "${{ env.REGISTRY }}"
        assert login["password"] == (
            "${{ env.REGISTRY == 'ghcr.io' && secrets.GITHUB_TOKEN || secrets.REGISTRY_PASSWORD }}"
        )


def test_what_verifies_has_no_login() -> None:
    assert "login" not in yaml.dump(JOBS["verify"])
    assert set(JOBS["verify"]["permissions"].values()) == {"read"}


def test_an_image_starts_before_it_is_pushed_and_is_verified_before_it_gets_a_tag() -> None:
    steps = ci_steps()
    assert steps.index("starts") < steps.index("image PUSH=digest")
    assert steps.index("published") < steps.index("tags")


@pytest.mark.parametrize("name", JOBS)
def test_a_job_ends_by_itself_and_says_what_happened(name: str) -> None:
    job = JOBS[name]
    assert 0 < int(job["timeout-minutes"]) <= 20
    assert any("GITHUB_STEP_SUMMARY" in step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("name", ["test", "build", "publish"])
def test_a_job_that_fails_far_away_says_more(name: str) -> None:
    assert any(step.get("if") == "failure()" for step in JOBS[name]["steps"])


@pytest.mark.parametrize(("name", "step"), RUNS, ids=BY_NAME)
def test_a_run_block_is_a_line_or_two(name: str, step: dict[str, str]) -> None:
    run = step["run"].strip()
    assert len(run.splitlines()) <= 2
    assert "${{" not in run, "a value reaches a script by its environment, where no shell reads it as a command"


def test_what_is_read_from_a_script_is_nothing_but_its_answer() -> None:
    """Setting up would print between the lines; on a runner there is always something to set up."""
    read = [step for _, step in RUNS if re.search(r"GITHUB_(OUTPUT|ENV|STEP_SUMMARY)", step["run"])]
    scripts = {script.split()[0] for step in read for script in called(step)}
    assert {"inputs", "digest", "summary", "published", "tags", "dispatch"} <= scripts
    for script in scripts:
        assert not re.search(r"scripts/setup|\bpip\b|make setup", (ROOT / "scripts" / script).read_text())


def test_a_step_is_one_hop_from_what_it_does() -> None:
    """It calls a script itself, and not a make target that calls it."""
    for _, step in RUNS:
        assert not re.search(r"\bmake\b", step["run"])
        for script in called(step):
            assert not re.search(r"\bmake [a-z]", "".join(code_of(script.split()[0])))


def code_of(script: str) -> list[str]:
    """Return the lines of a script without comments and without what it prints for people."""
    lines = (ROOT / "scripts" / script).read_text().splitlines()
    return [line for line in lines if not re.match(r"\s*(#|fail|echo|printf)", line) and "fail " not in line]


def test_new_versions_are_offered_a_week_late_for_every_kind_that_is_used() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yaml").read_text())["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"github-actions", "pip", "docker"}
    assert all(each["cooldown"]["default-days"] >= 7 for each in updates)


def test_a_failure_before_a_pipe_is_a_failure() -> None:
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"  # which GitHub calls with pipefail; its default without


def test_every_step_is_described_in_its_order() -> None:
    described = [row[0].strip("`").removeprefix("make ") for row in table("Continuous integration", "docs/image.md")]
    assert described == [*ci_steps(), "dispatch"]
