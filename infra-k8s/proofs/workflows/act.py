"""act, in host mode: one run of a workflow file, and what became of each job and step of it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

LAST_LINES = 25


@dataclass
class Step:
    """A step of a job: its result as act says it, how long it took, and what it printed."""

    name: str
    result: str = ""
    begin: float = 0.0
    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)


@dataclass
class Job:
    """A job; its result is `skipped` until act says another one."""

    name: str
    result: str = "skipped"
    begin: float = 0.0
    seconds: float = 0.0
    steps: dict[str, Step] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    @property
    def failed_at(self) -> str:
        """Return the step that failed first; nothing where none did."""
        return next((step.name for step in self.steps.values() if step.result == "failure"), "")


@dataclass
class Outcome:
    """What became of a run: `jobs` by their ids, in the file's order, `status` act's own."""

    jobs: dict[str, Job]
    status: int = -1
    complaints: list[str] = field(default_factory=list)

    def result(self, job: str) -> str:
        """Return a job's result."""
        return self.jobs[job].result

    @property
    def passed(self) -> bool:
        """Say whether no job failed."""
        return self.status == 0 and not any(job.result == "failure" for job in self.jobs.values())

    @property
    def failed(self) -> list[str]:
        """Return each job that failed, with the step that it failed at."""
        return [f"{job.name}/{job.failed_at}" for job in self.jobs.values() if job.result == "failure"]

    def output(self) -> str:
        """Return what every step that ran a command printed, after a line that names it."""
        steps = [
            (f"$ {job.name}: {step.name}", step.lines)
            for job in self.jobs.values()
            for step in job.steps.values()
            if step.lines and "@" not in step.name
        ]
        return "".join(f"{line}\n" for title, lines in steps for line in (title, *lines))

    def last_words(self) -> str:
        """Return the end of what each failed step printed, and act's own complaints."""
        said = list(self.complaints)
        for job in self.jobs.values():
            for step in job.steps.values():
                if step.result == "failure":
                    said += [f"{job.name}/{step.name}:", *(f"    {line}" for line in step.lines[-LAST_LINES:])]
        return "\n".join(said)


class Reader:
    """Takes act's JSON lines in, one after the other."""

    def __init__(self, jobs: Mapping[str, Any], log: IO[str]) -> None:
        self.outcome = Outcome({name: Job(name) for name in jobs})
        self.log = log
        self.begin = time.monotonic()

    def read(self, line: str) -> None:
        """Take in a line; what is no JSON is act's own last word."""
        try:
            said = json.loads(line)
        except ValueError:
            self.outcome.complaints.append(line.rstrip())
            self.log.write(line)
            return
        self.write(said)
        if (job := self.outcome.jobs.get(said.get("jobID", ""))) is None:
            if said.get("level") in ("error", "fatal"):
                self.outcome.complaints.append(str(said.get("msg", "")).rstrip())
            return
        now = time.monotonic() - self.begin
        job.begin = job.begin or now
        job.seconds = now - job.begin
        job.result = said.get("jobResult", job.result)
        if said.get("command") == "summary":
            job.summary += said["content"]
        if said.get("stage") == "Main" and said.get("stepID"):
            self.step(job, said, now)

    def step(self, job: Job, said: Mapping[str, Any], now: float) -> None:
        """Take in what is said of a step; the steps inside of an action are that action's."""
        identity, *inner = said["stepID"]
        step = job.steps.setdefault(identity, Step(str(said["step"]).strip().splitlines()[0], begin=now))
        if said.get("raw_output") or said.get("raw"):
            step.lines.append(str(said.get("raw") or said["msg"]).rstrip("\n"))
        if said.get("command") == "set-output" and not inner:
            job.outputs[f"{identity}.{said['name']}"] = said["arg"]
        if "stepResult" in said and not inner:
            step.result, step.seconds = said["stepResult"], now - step.begin

    def write(self, said: Mapping[str, Any]) -> None:
        """Write the line down for people."""
        words = str(said.get("msg", "")).rstrip("\n")
        raw = said.get("raw_output") or said.get("raw")
        self.log.write(f"{said.get('jobID', ''):<9}{' | ' if raw else ' '}{words}\n")
        self.log.flush()


@dataclass(frozen=True)
class Act:
    """act's binary, and what every run is told: variables of the repository, secrets, the environment of the steps."""

    binary: Path
    stand_ins: Path
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    jobs_at_once: int

    def command(self, event: str, workflow: Path, payload: Path, actions: set[str], cache: Path) -> list[str]:
        """Return act's command line for an event."""
        told = [("--var", *each) for each in self.variables.items()]
        told += [("--secret", *each) for each in self.secrets.items()]
        return [
            *(str(self.binary), event, "--json", "--workflows", str(workflow), "--eventpath", str(payload)),
            *("--platform", "ubuntu-24.04=-self-hosted", "--platform", "self-hosted=-self-hosted"),
            *("--no-skip-checkout", "--pull=false", "--no-cache-server", "--rm", "--defaultbranch", "main"),
            *("--actor", "developer", "--concurrent-jobs", str(self.jobs_at_once), "--action-cache-path", str(cache)),
            *("--env-file", os.devnull, "--secret-file", os.devnull, "--var-file", os.devnull),
            *("--input-file", os.devnull),
            *(word for flag, name, value in told for word in (flag, f"{name}={value}")),
            *(word for action in sorted(actions) for word in ("--local-repository", self.stand_in(action))),
        ]

    def stand_in(self, action: str) -> str:
        """Return what maps an action's repository to its stand-in."""
        name, _, commit = action.partition("@")
        repository = "/".join(name.split("/")[:2])
        return f"{repository}@{commit}={self.stand_ins / repository}"


def run(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    jobs: Mapping[str, Any],
    log: Path,
    watch: Callable[[Outcome], bool] = lambda _: False,
) -> Outcome:
    """Run act in a checkout and return what became of the jobs; it is interrupted as soon as `watch` says so."""
    with (
        log.open("w") as written,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        reader = Reader(jobs, written)
        interrupted = False
        try:
            for line in process.stdout:
                reader.read(line)
                if not interrupted and watch(reader.outcome):
                    interrupted = True
                    os.killpg(process.pid, signal.SIGINT)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    reader.outcome.status = process.returncode
    return reader.outcome
