"""What happens to the chain, and what has to be in registry, git and cluster afterwards.

The scenarios build on each other in the order of SCENARIOS. Most start from what the good commit left live.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clients.helm import Release, helm
from clients.namespaces import temporary_namespace
from proofs.recording import Proof
from proofs.workflows.changes import ERRORS, FAILING_TESTS, GOOD, NEVER_READY, Commit
from proofs.workflows.github import Run
from proofs.workflows.observation import (
    expect_failure_at,
    expect_jobs,
    expect_records,
    expect_rights_used,
    expect_tags,
    settle,
    short,
    the_run,
)
from proofs.workflows.organization import Organization

NOTHING_DEPLOYED = dict.fromkeys(("verify", "prove", "record", "deploy", "withdraw"), "skipped")
NOTHING_PUBLISHED = dict.fromkeys(("publish", "verify", "tag", "dispatch"), "skipped")


@dataclass(frozen=True)
class Deployed:
    """An image by digest, and the commit that it was built from."""

    image: str = ""
    revision: str = ""


@dataclass
class State:
    """What the scenarios so far have left live, what was live before that, and the run that was withdrawn last."""

    live: Deployed = Deployed()
    before: Deployed = Deployed()
    withdrawn: Run | None = None

    def deployed(self, image: str, revision: str) -> None:
        """Note that another image went live."""
        self.before, self.live = self.live, Deployed(image, revision)


def nothing_recorded(proof: Proof, owner: Organization, _state: State) -> None:
    """Before any image was recorded, a push to the infra repository deploys nothing and says so."""
    since, tags = owner.github.server.at(owner.infra), owner.image.tags()
    owner.pushed(owner.infra, "refs/heads/main")
    settle(owner)
    run = the_run(owner, owner.infra)
    expect_jobs(proof, run, NOTHING_DEPLOYED)
    assert "Nothing is deployed yet" in (run.folder / "log.txt").read_text()
    expect_records(proof, owner, since, [])
    expect_tags(proof, owner, tags, set())


def good_commit(proof: Proof, owner: Organization, state: State) -> None:
    """A good commit goes live: image, signature, record, release, and Prometheus says so."""
    runs, since, tags = len(owner.github.runs), owner.github.server.at(owner.infra), owner.image.tags()
    revision = owner.push(GOOD)
    seconds = settle(owner, revision)
    ci, deploy = the_run(owner, owner.app, runs), the_run(owner, owner.infra, runs)
    expect_jobs(proof, ci, {})
    expect_jobs(proof, deploy, {"withdraw": "skipped"})
    expect_tags(proof, owner, tags, {"latest", revision})
    digest = owner.image.digest(revision)
    assert owner.image.platforms(digest) == set(owner.settings.platforms.split(","))
    image = f"{owner.image.name}@{digest}"
    handed_over = {"image": image, "version": revision, "revision": revision}
    assert deploy.event.payload["client_payload"] == handed_over
    expect_records(proof, owner, since, [image])
    proof.note(owner.live(revision))
    assert seconds, "Prometheus never reported the commit while the runs were at work"
    proof.note(f"from the push until Prometheus reported it on every replica: {seconds:.0f} s")
    expect_rights_used(ci)
    expect_rights_used(deploy)
    state.deployed(image, revision)


def failing_tests(proof: Proof, owner: Organization, state: State) -> None:
    """A commit whose tests fail stops before the registry."""
    runs, since, tags = len(owner.github.runs), owner.github.server.at(owner.infra), owner.image.tags()
    owner.push(FAILING_TESTS)
    settle(owner)
    owner.take_back()
    ci = the_run(owner, owner.app, runs)
    expect_jobs(proof, ci, {"test": "failure", **NOTHING_PUBLISHED})
    expect_failure_at(ci, "test/test")
    assert len(owner.github.runs) == runs + 1, "a hand-over started a run"
    expect_tags(proof, owner, tags, set())
    expect_records(proof, owner, since, [])
    if state.live.image:
        proof.note(owner.live(state.live.revision))


def fork(proof: Proof, owner: Organization, _state: State) -> None:
    """A pull request from a fork is tested, started and built, and reaches no registry."""
    runs, tags = len(owner.github.runs), owner.image.tags()
    owner.pull_request(owner.app, GOOD)
    settle(owner)
    ci = the_run(owner, owner.app, runs)
    expect_jobs(proof, ci, NOTHING_PUBLISHED)
    expect_tags(proof, owner, tags, set())
    assert not ci.rights("rights-used"), "a job of a fork used a right to write"
    assert len(owner.github.runs) == runs + 1, "a hand-over started a run"


def never_ready(proof: Proof, owner: Organization, state: State) -> None:
    """A commit that never gets ready is rolled back, and its digest is put back in git."""
    state.withdrawn = returned_to(proof, owner, state, NEVER_READY, "deploy/deploy")


def rerun_after_withdraw(proof: Proof, owner: Organization, state: State) -> None:
    """Failed jobs that are run again after a withdraw do not deploy what was withdrawn."""
    since = owner.github.server.at(owner.infra)
    assert state.withdrawn, "no run was withdrawn: choose never_ready as well"
    run = owner.github.rerun_failed(state.withdrawn)
    settle(owner)
    expect_failure_at(run, "deploy/deploy", "no longer records this image")
    expect_jobs(proof, run, {"test": "skipped", "deploy": "failure"})
    expect_records(proof, owner, since, [])
    assert owner.recorded() == state.live.image
    proof.note(owner.live(state.live.revision))


def errors_behind_good_probes(proof: Proof, owner: Organization, state: State) -> None:
    """A commit whose probes pass while it serves errors is taken back by the gate."""
    returned_to(proof, owner, state, ERRORS, "deploy/gate")


def returned_to(proof: Proof, owner: Organization, state: State, change: Commit, where: str) -> Run:
    """Push a commit that must not stay, expect what was live before to be live again, and return the deploy's run."""
    runs, since = len(owner.github.runs), owner.github.server.at(owner.infra)
    revision = owner.push(change)
    settle(owner)
    owner.take_back()
    ci, deploy = the_run(owner, owner.app, runs), the_run(owner, owner.infra, runs)
    expect_jobs(proof, ci, {})
    expect_failure_at(deploy, where)
    expect_jobs(proof, deploy, {"test": "skipped", "deploy": "failure"})
    image = f"{owner.image.name}@{owner.image.digest(revision)}"
    expect_records(proof, owner, since, [image, state.live.image])
    proof.note(owner.live(state.live.revision))
    return deploy


def foreign_image(proof: Proof, owner: Organization, state: State) -> None:
    """Somebody else's image is refused before it is looked at."""
    runs, since = len(owner.github.runs), owner.github.server.at(owner.infra)
    foreign = state.live.image.replace(owner.names.owner.lower(), "somebody-else")
    owner.hand_over(foreign, state.live.revision)
    settle(owner)
    deploy = the_run(owner, owner.infra, runs)
    expect_failure_at(deploy, "plan/plan", "are trusted here")
    expect_jobs(proof, deploy, {"plan": "failure", "test": "skipped", **NOTHING_DEPLOYED})
    expect_records(proof, owner, since, [])
    proof.note(owner.live(state.live.revision))


def tag_and_two_hand_overs(proof: Proof, owner: Organization, state: State) -> None:
    """The tag v1.2.3 gives 1.2.3 and leaves latest; its hand-over waits for the one that runs, and none is lost."""
    runs, since, tags = len(owner.github.runs), owner.github.server.at(owner.infra), owner.image.tags()
    owner.tag("v1.2.3")
    (ci,) = owner.github.runs[runs:]
    owner.github.settle(lambda: ci.has_passed("verify"))
    first, *_ = owner.hand_over(state.live.image, state.live.revision)
    owner.github.settle(lambda: first.state == "running")
    settle(owner)
    (second,) = owner.github.runs[runs + 2 :]
    expect_jobs(proof, ci, {})
    expect_tags(proof, owner, tags, {"1.2.3"})
    tagged = f"{owner.image.name}@{owner.image.digest('1.2.3')}"
    assert second.begin >= first.end, "two deploys were at work at the same time"
    expect_jobs(proof, first, {"test": "skipped", "withdraw": "skipped"})
    expect_jobs(proof, second, {"test": "skipped", "withdraw": "skipped"})
    expect_records(proof, owner, since, [tagged])
    proof.note(owner.live(state.live.revision))
    state.deployed(tagged, state.live.revision)


def rollback_by_hand(proof: Proof, owner: Organization, state: State) -> None:
    """A rollback by hand deploys the image that was recorded before, without proving it again."""
    runs, since, left = len(owner.github.runs), owner.github.server.at(owner.infra), state.live
    owner.by_hand({"action": "rollback", "image": ""})
    settle(owner)
    deploy = the_run(owner, owner.infra, runs)
    expect_jobs(proof, deploy, {"test": "skipped", "prove": "skipped", "withdraw": "skipped"})
    expect_records(proof, owner, since, [state.before.image])
    proof.note(f"{short(left.image)} was replaced by {short(state.before.image)}")
    state.deployed(state.before.image, state.before.revision)
    proof.note(owner.live(state.live.revision))


def cut_record(proof: Proof, owner: Organization, state: State) -> None:
    """A record that is cut off between its push and its output is put back by its own run."""
    runs, since = len(owner.github.runs), owner.github.server.at(owner.infra)
    owner.github.server.cut_next_push(owner.infra)
    owner.by_hand({"action": "rollback", "image": state.before.image})
    settle(owner)
    deploy = the_run(owner, owner.infra, runs)
    expect_failure_at(deploy, "record/record")
    expect_jobs(proof, deploy, {"test": "skipped", "prove": "skipped", "record": "failure", "deploy": "skipped"})
    expect_records(proof, owner, since, [state.before.image, state.live.image])
    proof.note(owner.live(state.live.revision))


def pull_request_to_infra(proof: Proof, owner: Organization, _state: State) -> None:
    """A pull request to the infra repository is proved with the image that is recorded."""
    runs, since = len(owner.github.runs), owner.github.server.at(owner.infra)
    owner.pull_request(owner.infra)
    settle(owner)
    run = the_run(owner, owner.infra, runs)
    expect_jobs(proof, run, {})
    assert not run.rights("rights-used"), "a job of a fork used a right to write"
    expect_records(proof, owner, since, [])


def docs(proof: Proof, owner: Organization, _state: State) -> None:
    """A push to the docs repository is checked and tested."""
    runs = len(owner.github.runs)
    owner.pushed(owner.docs, "refs/heads/main")
    settle(owner)
    expect_jobs(proof, the_run(owner, owner.docs, runs), {})


def chart_release(proof: Proof, owner: Organization, state: State) -> None:
    """A tag chart-v<version> publishes the chart, signed, with the recorded image; a second time it is refused."""
    runs, charts = len(owner.github.runs), owner.charts
    version, before = owner.chart_version(), owner.charts.tags()
    first = owner.tag_chart(version)
    settle(owner)
    expect_jobs(proof, first, {})
    expect_rights_used(first)
    assert charts.tags() == {**before, version: charts.digest(version)}
    shown = helm("show", "values", f"oci://{charts.name}", "--version", version, "--plain-http")
    assert state.live.image.rpartition("@")[2] in shown, "the chart's default is not the image that is recorded"
    again = owner.github.queue(first.workflow, first.event)
    settle(owner)
    expect_failure_at(again, "publish/push", "is published already and is never overwritten")
    assert len(owner.github.runs) == runs + 2
    proof.note(f"oci://{charts.name}: {version} is {charts.digest(version)[:19]}…; the second push was refused")


def chart_upgrade(proof: Proof, owner: Organization, _state: State) -> None:
    """A published chart is installed by one line, upgraded to the next published version, and tested."""
    before, chart = owner.chart_version(), f"oci://{owner.charts.name}"
    assert before in owner.charts.tags(), "no chart is published yet: choose chart_release as well"
    after = owner.raise_chart_version()
    run = owner.tag_chart(after)
    settle(owner)
    expect_jobs(proof, run, {})
    with temporary_namespace(f"{owner.namespace}-chart") as namespace:
        options = ("--namespace", namespace, "--plain-http", "--wait", "--timeout", "3m")
        helm("install", "flask-app", chart, "--version", before, *options)
        helm("upgrade", "flask-app", chart, "--version", after, *options)
        release = Release(namespace)
        tested = [line for line in release.test().splitlines() if line.startswith("Phase:")]
        deployed = [each["chart"] for each in release.history()]
    assert deployed == [f"flask-app-{before}", f"flask-app-{after}"], deployed
    proof.note(f"helm install {chart}: {before}, upgraded to {after}; helm test: {', '.join(tested)}")


Scenario = Callable[[Proof, Organization, State], None]
SCENARIOS: tuple[Scenario, ...] = (
    nothing_recorded,
    good_commit,
    failing_tests,
    fork,
    never_ready,
    rerun_after_withdraw,
    errors_behind_good_probes,
    foreign_image,
    tag_and_two_hand_overs,
    rollback_by_hand,
    cut_record,
    pull_request_to_infra,
    chart_release,
    chart_upgrade,
    docs,
)
