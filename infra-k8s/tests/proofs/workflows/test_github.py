"""Which runs an event starts, which wait and which are lost; act itself is stood in for by a function."""

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from proofs.workflows import act
from proofs.workflows.git_server import commit, git
from proofs.workflows.github import STAND_INS, GitHub, Run
from proofs.workflows.settings import WorkflowSettings

WORKFLOW = """\
name: deploy
on:
  push:
  pull_request:
  repository_dispatch:
    types: [image-published]
permissions: {}
concurrency:
  group: deploy
  queue: max
jobs:
  record:
    permissions:
      contents: write
    steps: []
"""
INFRA = "owner/infra"


@pytest.fixture
def settings(tmp_path: Path) -> WorkflowSettings:
    return WorkflowSettings(
        app_dir=tmp_path,
        docs_dir=tmp_path,
        act=Path("/bin/false"),
        kubeconfig=Path("/dev/null"),
        registry="127.0.0.1:5000",
        platforms="linux/amd64",
        given={"REGISTRY": "127.0.0.1:5000"},
        tools={name: Path("/bin/true") for name in ("cosign", "helm", "kubectl")},
        environment={"PATH": os.environ["PATH"]},
    )


@pytest.fixture
def github(tmp_path: Path, settings: WorkflowSettings) -> GitHub:
    (tmp_path / "work").mkdir()
    return published(GitHub(tmp_path / "work", settings, {}), tmp_path / "source", WORKFLOW)


def published(made: GitHub, source: Path, workflow: str) -> GitHub:
    folder = source / ".github" / "workflows"
    folder.mkdir(parents=True)
    git(source, "init", "--quiet")
    (folder / "deploy.yaml").write_text(workflow)
    made.server.publish(INFRA, source)
    return made


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Lets one run after the other end; each ends well."""
    let_end = threading.Semaphore(0)

    def ended(
        _command: object,
        folder: Path,
        _environment: object,
        _jobs: object,
        log: Path,
        watch: Callable[[act.Outcome], bool],
    ) -> act.Outcome:
        outcome = act.Outcome({"record": act.Job("record", "success")}, 0)
        while not let_end.acquire(timeout=0.05):
            if watch(outcome):
                break
        log.write_text(git(folder, "rev-parse", "HEAD"))
        return outcome

    monkeypatch.setattr(act, "run", ended)
    return let_end


def push(github: GitHub) -> Run:
    (run,) = github.emit(github.event(INFRA, "push", "refs/heads/main", {}))
    return run


def states(github: GitHub) -> list[str]:
    return [run.state for run in github.runs]


def test_a_run_is_of_the_commit_that_was_pushed(github: GitHub, at_work: threading.Semaphore) -> None:
    run = push(github)
    at_work.release()
    github.settle()
    assert run.result.passed
    assert (run.folder / "log.txt").read_text() == github.server.at(INFRA)
    told = json.loads((run.folder / "event.json").read_text())
    assert (told["ref"], told["after"], told["repository"]["full_name"]) == ("refs/heads/main", run.event.sha, INFRA)


def test_runs_of_a_group_go_one_after_the_other_and_all_of_them_with_queue_max(
    github: GitHub, at_work: threading.Semaphore
) -> None:
    for _ in range(3):
        push(github)
    github.settle(lambda: "running" in states(github))
    assert states(github) == ["running", "waiting", "waiting"]
    at_work.release(3)
    github.settle()
    assert states(github) == ["done"] * 3
    assert github.runs[1].begin >= github.runs[0].end
    assert github.runs[2].begin >= github.runs[1].end


def test_without_it_the_newest_that_waits_is_kept(
    tmp_path: Path, settings: WorkflowSettings, at_work: threading.Semaphore
) -> None:
    (tmp_path / "work").mkdir()
    github = published(GitHub(tmp_path / "work", settings, {}), tmp_path / "s", WORKFLOW.replace("  queue: max\n", ""))
    push(github)
    github.settle(lambda: "running" in states(github))
    push(github)
    push(github)
    assert states(github) == ["running", "cancelled", "waiting"]
    at_work.release(3)
    github.settle()
    assert states(github) == ["done", "cancelled", "done"]
    with pytest.raises(LookupError, match="was cancelled"):
        _ = github.runs[1].result


def test_a_newer_run_stops_the_one_at_work_where_the_file_says_so(
    tmp_path: Path, settings: WorkflowSettings, at_work: threading.Semaphore
) -> None:
    (tmp_path / "work").mkdir()
    text = WORKFLOW.replace("queue: max", "cancel-in-progress: true")
    github = published(GitHub(tmp_path / "work", settings, {}), tmp_path / "s", text)
    push(github)
    github.settle(lambda: "running" in states(github))
    push(github)
    github.settle(lambda: states(github)[0] == "cancelled")
    at_work.release()
    github.settle()
    assert states(github) == ["cancelled", "done"]


def test_a_dispatch_by_gh_starts_the_other_workflow_with_that_very_payload(
    github: GitHub, at_work: threading.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in github.environment(some_run(github)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GH_TOKEN", "not-a-token")
    fields = ("event_type=image-published", "client_payload[image]=r/o/n@sha256:a", "client_payload[revision]=b=c")
    command = [str(STAND_INS / "commands" / "gh"), "api", "--method", "POST", f"repos/{INFRA}/dispatches"]
    subprocess.run([*command, *(word for field in fields for word in ("--raw-field", field))], check=True)
    at_work.release()
    github.settle()
    (run,) = github.runs
    assert (run.event.name, run.event.repository, run.state) == ("repository_dispatch", INFRA, "done")
    assert run.event.payload["client_payload"] == {"image": "r/o/n@sha256:a", "revision": "b=c"}


def some_run(github: GitHub) -> Run:
    """Return a run that is none, to ask for a run's environment."""
    workflow = next(github.workflows(INFRA, "main"))
    return Run(
        0, 0, workflow, github.event(INFRA, "push", "refs/heads/main", {}), None, github.folder / "runs" / "none"
    )


@pytest.mark.parametrize(
    ("token", "arguments", "words"),
    [
        ("", ["auth", "setup-git"], "set the GH_TOKEN"),
        ("t", ["api", "--method", "POST", "repos/owner/nobody/dispatches", "--raw-field", "a=b"], "HTTP 404"),
        ("t", ["pr", "list"], "does not know"),
    ],
)
def test_gh_refuses_what_github_would_and_what_it_does_not_know(
    github: GitHub, token: str, arguments: list[str], words: str
) -> None:
    environment = {**github.environment(some_run(github)), "GH_TOKEN": token}
    done = subprocess.run([STAND_INS / "commands" / "gh", *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert words in done.stderr


def test_rights_that_were_not_used_are_told_for_jobs_that_ran(github: GitHub, at_work: threading.Semaphore) -> None:
    run = push(github)
    at_work.release()
    github.settle()
    assert run.unused_rights == ["record contents write"]
    (run.folder / "rights-used").write_text("record contents write\n")
    assert run.unused_rights == []


def test_a_forks_pull_request_may_write_nothing_and_gets_no_secret(
    github: GitHub, at_work: threading.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    known = act.Act.command

    def noted(asked: act.Act, event: str, workflow: Path, payload: Path, actions: set[str], cache: Path) -> list[str]:
        commands.append(known(asked, event, workflow, payload, actions, cache))
        return commands[-1]

    monkeypatch.setattr(act.Act, "command", noted)
    head = {"repo": {"fork": True}}
    for body in ({"pull_request": {"head": head}}, {"pull_request": {"head": {"repo": {"fork": False}}}}):
        github.emit(github.event(INFRA, "pull_request", "refs/heads/main", body))
    at_work.release(2)
    github.settle()
    assert [run.rights("rights") for run in github.runs] == [{"record contents read"}, {"record contents write"}]
    assert ["INFRA_TOKEN=not-a-token" in command for command in commands] == [False, True]


def test_a_mutation_changes_what_is_run_and_not_the_repository(github: GitHub, at_work: threading.Semaphore) -> None:
    github.mutation = lambda text: text.replace("contents: write", "contents: read")
    run = push(github)
    at_work.release()
    github.settle()
    assert run.rights("rights") == {"record contents read"}
    assert "contents: write" in github.server.read(INFRA, ".github/workflows/deploy.yaml")


def test_what_an_error_kept_from_running_is_raised_where_the_result_is_asked_for(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> act.Outcome:
        raise OSError("no act")

    monkeypatch.setattr(act, "run", fails)
    run = push(github)
    github.settle()
    with pytest.raises(OSError, match="no act"):
        _ = run.result


def test_the_developers_commit_is_what_an_event_is_about(tmp_path: Path, github: GitHub) -> None:
    clone = github.server.clone(INFRA, tmp_path / "developer")
    (clone / "new").write_text("new\n")
    revision = commit(clone, "new")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    assert github.event(INFRA, "push", "refs/heads/main", {}).sha == revision
