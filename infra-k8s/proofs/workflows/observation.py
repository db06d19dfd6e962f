"""What runs leave behind: results of jobs, tags in the registry, records in git; each held against what is expected."""

import time
from collections.abc import Mapping

from proofs.recording import Proof
from proofs.workflows import live
from proofs.workflows.github import Run
from proofs.workflows.organization import Organization

ASK_EVERY = 3.0  # seconds between two questions to Prometheus while runs are at work


class UnexpectedOutcome(AssertionError):
    """Something else became of a scenario; the message says what."""


def the_run(owner: Organization, repository: str, since: int = 0) -> Run:
    """Return the one run of a repository since a number of runs."""
    found = [run for run in owner.github.runs[since:] if run.event.repository == repository]
    if len(found) != 1:
        raise UnexpectedOutcome(f"{repository} has {len(found)} new runs, not one")
    return found[0]


def settle(owner: Organization, revision: str = "") -> float:
    """Let all runs end; return after how many seconds Prometheus reported a revision live, 0 where it never did."""
    begin, seen, next_question = time.monotonic(), 0.0, 0.0

    def look() -> bool:
        nonlocal seen, next_question
        now = time.monotonic()
        if revision and not seen and now >= next_question:
            if live.reports(owner.namespace, revision):
                seen = now - begin
            next_question = time.monotonic() + ASK_EVERY
        return False

    owner.github.settle(look)
    return seen


def expect_jobs(proof: Proof, run: Run, expected: Mapping[str, str]) -> None:
    """Note how long each job took; raise UnexpectedOutcome unless each has its expected result, the others success."""
    jobs = run.result.jobs.values()
    took = ", ".join(f"{job.name} {job.seconds:.0f} s" for job in jobs if job.result != "skipped")
    proof.note(f"{run.name} ({run.event.name}): {run.seconds:.0f} s: {took}")
    wanted = {job.name: expected.get(job.name, "success") for job in jobs}
    found = {job.name: job.result for job in jobs}
    if found != wanted:
        differing = ", ".join(
            f"{name} is {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name]
        )
        raise UnexpectedOutcome(f"{run.name}: {differing}\n{run.result.last_words()}")


def expect_failure_at(run: Run, where: str, words: str = "") -> None:
    """Raise UnexpectedOutcome unless one job alone failed, at its step, and with these words in its output."""
    if run.result.failed != [where]:
        raise UnexpectedOutcome(f"{run.name} failed at {run.result.failed}, not at {where}\n{run.result.last_words()}")
    if words not in run.result.last_words():
        raise UnexpectedOutcome(f"{where} did not say {words!r}\n{run.result.last_words()}")


def expect_rights_used(run: Run) -> None:
    """Raise UnexpectedOutcome where a job may write what it did not write."""
    if run.unused_rights:
        raise UnexpectedOutcome(f"{run.name}: granted, but not used: {', '.join(run.unused_rights)}")


def expect_records(proof: Proof, owner: Organization, since: str, expected: list[str]) -> None:
    """Raise UnexpectedOutcome unless infra's git recorded exactly these images since a commit, in this order."""
    found = owner.records_since(since)
    if found != expected:
        raise UnexpectedOutcome(f"git recorded {found}, not {expected}")
    proof.note(f"git: {', then '.join(short(image) for image in found) or 'nothing new'}")


def expect_tags(proof: Proof, owner: Organization, before: Mapping[str, str], new: set[str]) -> None:
    """Raise UnexpectedOutcome unless exactly these tags are new or moved."""
    now = owner.image.tags()
    found = {tag for tag, digest in now.items() if before.get(tag) != digest}
    if found != new or set(before) - set(now):
        raise UnexpectedOutcome(f"the registry has new or moved tags {sorted(found)}, not {sorted(new)}")
    proof.note(f"registry: {', '.join(sorted(found)) or f'its {len(now)} tags as before'}")


def short(image: str) -> str:
    """Return an image's digest as a table can hold it."""
    return f"{image.rpartition('@')[2][:19]}…" if image else "no image"
