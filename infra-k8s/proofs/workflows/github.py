"""GitHub, as far as it is needed here: an event starts the runs of the workflows that ask for it.

Runs of one concurrency group go one after the other, as the workflow file says. A dispatch by the stand-in of `gh` is
an event as well. What a run pushes with its own token starts nothing, as on GitHub.
"""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from proofs.workflows import act, rerun
from proofs.workflows.edits import readable
from proofs.workflows.git_server import GitServer, git
from proofs.workflows.settings import WorkflowSettings, python
from proofs.workflows.workflow import Concurrency, Event, Workflow

STAND_INS = Path(__file__).resolve().parent / "stand_ins"
POLL = 0.2  # seconds
SECRETS = ("GITHUB_TOKEN", "INFRA_TOKEN", "REGISTRY_PASSWORD")
# What is changed in a workflow's text before a run: nothing, or a mutation.
Mutation = Callable[[str], str]


@dataclass
class Run:
    """A run of a workflow for an event; `begin` and `end` in seconds of the monotonic clock."""

    number: int
    id: int
    workflow: Workflow
    event: Event
    concurrency: Concurrency | None
    folder: Path
    state: str = "waiting"  # then running, done or cancelled
    begin: float = 0.0
    end: float = 0.0
    outcome: act.Outcome | None = None
    error: BaseException | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    attempt: int = 1

    @property
    def name(self) -> str:
        """Return the workflow's name."""
        return str(self.workflow.content["name"])

    @property
    def result(self) -> act.Outcome:
        """Return what became of the jobs; raise what kept it from running to its end."""
        if self.error:
            raise self.error
        if self.outcome is None or self.state in ("waiting", "running"):
            raise LookupError(f"run {self.number} of {self.name} was {self.state}")
        return self.outcome

    def has_passed(self, job: str) -> bool:
        """Say whether a job of a run that may still be at work has succeeded."""
        return self.outcome is not None and self.outcome.result(job) == "success"

    @property
    def seconds(self) -> float:
        return self.end - self.begin

    def rights(self, kept: str) -> set[str]:
        """Return the lines of `rights` or `rights-used`: job, what, level."""
        file = self.folder / kept
        return set(file.read_text().splitlines()) if file.exists() else set()

    @property
    def unused_rights(self) -> list[str]:
        """Return what jobs that ran were allowed to write and did not use."""
        ran = {name for name, job in self.result.jobs.items() if job.result != "skipped"}
        unused = self.rights("rights") - self.rights("rights-used")
        return sorted(each for each in unused if each.endswith(" write") and each.split()[0] in ran)


class GitHub:
    """An owner's repositories, their variables and secrets, and the runs so far."""

    def __init__(self, folder: Path, settings: WorkflowSettings, variables: dict[str, str]) -> None:
        self.folder, self.settings = folder, settings
        self.server = GitServer(folder / "git")
        self.act = act.Act(settings.act, STAND_INS, variables, dict.fromkeys(SECRETS, "not-a-token"), jobs_at_once=2)
        self.runs: list[Run] = []
        self.threads: list[threading.Thread] = []
        self.mutation: Mutation = lambda text: text
        self.watch: Callable[[Run, act.Outcome], bool] = lambda _run, _outcome: False
        for name in ("git", "home", "runs", "dispatches", "tools"):
            (folder / name).mkdir()
        self.server.write_settings(folder / "home" / ".gitconfig")
        (folder / "given").write_text("".join(f"{name}={value}\n" for name, value in self.given.items()))
        for tool in ("cosign", "helm", "kubectl"):
            (folder / "tools" / tool).mkdir()
            (folder / "tools" / tool / tool).symlink_to(settings.tools[tool])

    @property
    def given(self) -> dict[str, str]:
        """Return the variables that the stand-ins hand to the steps of a job."""
        return {
            **self.settings.given,
            "KUBECONFIG": str(self.settings.kubeconfig),
            "COSIGN_KEY": str(self.folder / "signing.key"),
            "COSIGN_PUBLIC_KEY": str(self.folder / "signing.pub"),
            "COSIGN_PASSWORD": "",
        }

    def workflows(self, repository: str, revision: str) -> Iterator[Workflow]:
        """Yield a repository's workflow files as they are at a commit."""
        bare, folder = self.server.bare(repository), ".github/workflows/"
        for path in git(bare, "ls-tree", "--name-only", revision, folder).splitlines():
            yield Workflow(path, self.server.read(repository, path, revision))

    def emit(self, event: Event) -> list[Run]:
        """Make a run for each workflow that the event starts; they begin when `settle` is called."""
        started = []
        for workflow in self.workflows(event.repository, event.sha):
            if workflow.starts_for(event):
                started.append(self.queue(replace(workflow, text=self.mutation(workflow.text)), event))
        return started

    def queue(self, workflow: Workflow, event: Event) -> Run:
        """Add a run, and do with the others of its group what the workflow says."""
        number = len(self.runs) + 1
        concurrency = workflow.concurrency(event, number)
        folder = self.folder / "runs" / f"{number:02}-{event.repository.split('/')[1]}-{Path(workflow.path).stem}"
        run = Run(number, number, workflow, event, concurrency, folder)
        for other in self.group(run):
            if other.state == "waiting" and concurrency and not concurrency.keeps_all:
                other.state = "cancelled"
            if other.state == "running" and concurrency and concurrency.cancels_running:
                other.stop.set()
        self.runs.append(run)
        return run

    def rerun_failed(self, run: Run) -> Run:
        """Make the run that runs a run's failed jobs again."""
        again = self.queue(rerun.of_failed_jobs(run.workflow, run.result), run.event)
        again.id, again.attempt = run.id, run.attempt + 1
        return again

    def group(self, run: Run) -> list[Run]:
        """Return the other runs of a run's concurrency group, in the order in which they came."""
        return [
            other
            for other in self.runs
            if other is not run
            and run.concurrency
            and other.concurrency
            and other.event.repository == run.event.repository
            and other.concurrency.group == run.concurrency.group
        ]

    def settle(self, until: Callable[[], bool] = lambda: False) -> None:
        """Let all runs end, and those that they start, or go on until `until` says so."""
        while not until():
            self.take_dispatches()
            for run in self.runs:
                if run.state == "waiting" and not self.held_back(run):
                    self.start(run)
            if not any(run.state in ("waiting", "running") for run in self.runs) and not self.dispatched():
                return
            time.sleep(POLL)

    def held_back(self, run: Run) -> bool:
        """Say whether another run of its group has to end first."""
        others = self.group(run)
        earlier = [other for other in others if other.number < run.number and other.state == "waiting"]
        return bool(earlier) or any(other.state == "running" for other in others)

    def dispatched(self) -> list[Path]:
        """Return the dispatches that no run was made for yet, oldest first."""
        return sorted((self.folder / "dispatches").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)

    def take_dispatches(self) -> None:
        """Make the runs that dispatches start, with their very payload."""
        for file in self.dispatched():
            body = json.loads(file.read_text())
            self.dispatch(body["repository"], body["event_type"], body.get("client_payload", {}))
            file.unlink()

    def dispatch(self, repository: str, kind: str, payload: dict[str, Any]) -> list[Run]:
        """Make the runs that a repository_dispatch starts."""
        body = {"action": kind, "branch": "main", "client_payload": payload}
        return self.emit(self.event(repository, "repository_dispatch", "refs/heads/main", body))

    def event(self, repository: str, name: str, ref: str, body: dict[str, Any], sha: str = "") -> Event:
        """Return an event at a ref of a repository, with what every payload holds."""
        owner, _, short = repository.partition("/")
        holder = {"name": short, "full_name": repository, "owner": {"login": owner}, "default_branch": "main"}
        return Event(repository, name, ref, sha or self.server.at(repository, ref), {**body, "repository": holder})

    def start(self, run: Run) -> None:
        """Begin a run in a thread of its own."""
        run.state, run.begin = "running", time.monotonic()
        thread = threading.Thread(target=self.execute, args=(run,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def execute(self, run: Run) -> None:
        """Run a workflow to its end."""
        try:
            run.outcome = self.run(run)
        except BaseException as error:  # it is raised where somebody asks for the result
            run.error = error
        run.end = time.monotonic()
        run.state = "cancelled" if run.stop.is_set() else "done"

    def run(self, run: Run) -> act.Outcome:
        """Check the commit out, write down what act is told, and run it."""
        run.folder.mkdir()
        checkout, event = run.folder / "checkout", run.event
        git(run.folder, "clone", "--quiet", "--no-checkout", str(self.server.bare(event.repository)), str(checkout))
        git(checkout, "fetch", "--quiet", "origin", event.sha)
        git(checkout, "checkout", "--quiet", "--force", "--detach", event.sha)
        git(checkout, "remote", "set-url", "origin", f"https://github.com/{event.repository}")
        workflow, payload = run.folder / "workflow.yaml", run.folder / "event.json"
        workflow.write_text(readable(run.workflow.text))
        payload.write_text(json.dumps(self.payload(event), indent=2))
        from_fork = comes_from_fork(event)
        (run.folder / "rights").write_text("".join(f"{line}\n" for line in granted(run.workflow, from_fork)))
        for version in run.workflow.pythons():
            self.provide_python(version)
        runner = replace(self.act, secrets={"GITHUB_TOKEN": "not-a-token"}) if from_fork else self.act
        command = runner.command(event.name, workflow, payload, run.workflow.actions(), run.folder / "act")
        command += ["--env", f"GITHUB_RUN_ID={run.id}", "--env", f"GITHUB_RUN_ATTEMPT={run.attempt}"]
        outcome = act.run(
            command,
            checkout,
            self.environment(run),
            run.workflow.content["jobs"],
            run.folder / "log.txt",
            lambda seen: self.seen(run, seen),
        )
        shutil.rmtree(run.folder / "act", ignore_errors=True)
        return outcome

    def seen(self, run: Run, outcome: act.Outcome) -> bool:
        """Keep what became of a run so far; say whether it is to stop."""
        run.outcome = outcome
        return run.stop.is_set() or self.watch(run, outcome)

    def payload(self, event: Event) -> dict[str, Any]:
        """Return an event as GitHub delivers it to a workflow."""
        told = {"ref": event.ref} if event.name != "pull_request" else {}
        return {**told, "after": event.sha, "sender": {"login": "developer"}, **event.payload}

    def environment(self, run: Run) -> dict[str, str]:
        """Return what a run's steps find in their environment."""
        kubectl, commands = self.folder / "tools" / "kubectl", STAND_INS / "commands"
        common = self.settings.environment
        return {
            **common,
            "HOME": str(self.folder / "home"),
            "PATH": os.pathsep.join((str(commands), str(kubectl), common["PATH"])),
            "STAND_INS": str(STAND_INS),
            "STAND_INS_GIVEN": str(self.folder / "given"),
            "TOOLS": str(self.folder / "tools"),
            "RUN_FOLDER": str(run.folder),
            "GIT_SERVER": str(self.server.folder),
            "DISPATCHES": str(self.folder / "dispatches"),
            "IMAGEOS": "ubuntu24",
        }

    def provide_python(self, version: str) -> None:
        """Put an interpreter where setup-python looks for it."""
        folder = self.folder / "tools" / "python" / version
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("python", "python3", f"python{version}"):
            # A script and not a link: through a link an interpreter does not find its own library.
            (folder / name).write_text(f'#!/bin/sh\nexec "{python(version)}" "$@"\n')
            (folder / name).chmod(0o755)


def comes_from_fork(event: Event) -> bool:
    """Say whether a pull request comes from somebody who may not write here."""
    head = event.payload.get("pull_request", {}).get("head", {})
    return bool(head.get("repo", {}).get("fork", False))


def granted(workflow: Workflow, from_fork: bool) -> list[str]:
    """Return the rights of each job as lines; GitHub gives a fork's pull request none to write."""
    return [
        f"{job} {what} {'read' if from_fork and level == 'write' else level}"
        for job, rights in workflow.rights().items()
        for what, level in rights.items()
    ]
