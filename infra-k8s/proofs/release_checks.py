"""Checks of a running release that several proofs share: Ready pods, targets up, no request lost, a rollback."""

from collections.abc import Mapping

import pytest

from clients.helm import HelmFailed, Release
from clients.kubernetes import leaving_pods, pods, ready
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import Image
from proofs.recording import Proof
from release.load import Load, Report

JOB = "flask-app"
REPLICAS = 2
RATE = 150  # requests per second: dense enough to hit the moment in which a pod that leaves too early refuses
LONGEST = 300  # seconds: a proof that was cut off leaves no load behind
URL = "http://flask-app:5000"
STEADY = ["--url", URL, "--path", "/", "--path", "/api/info", "--timeout", "5"]


def check_installation(proof: Proof, release: Release, values: Mapping[str, object]) -> None:
    """Install the release and check that every replica is Ready."""
    release.upgrade(values)
    running = [pod for pod in pods(release.namespace) if ready(pod)]
    proof.note(f"{len(running)} pods Ready")
    assert len(running) == REPLICAS


def check_helm_test(proof: Proof, release: Release) -> None:
    """Run the chart's own tests."""
    log = release.test()
    proof.note(passed_checks(log))
    assert "ok   metrics tell the build" in log


def passed_checks(log: str) -> str:
    """Return how many checks the log of `helm test` reports as passed."""
    return f"{sum(line.startswith('ok') for line in log.splitlines())} checks ok"


def check_targets(proof: Proof, prometheus: Prometheus, namespace: str) -> None:
    """Wait until Prometheus reports every replica up."""
    proof.note(f"up == 1 for {', '.join(wait_until_up(prometheus, namespace))}")


def start_load(namespace: str, name: str, image: Image, rate: int = RATE) -> Load:
    """Start a steady load on the release, from inside the cluster: until `end_load`, or LONGEST."""
    arguments = [*STEADY, "--rate", str(rate), "--seconds", str(LONGEST)]
    load = Load(namespace, name, f"{image.repository}@{image.digest}", arguments)
    load.start()
    return load


def end_load(load: Load, namespace: str) -> Report:
    """Stop a load once every pod that left is gone and could refuse no request any more; return what it reports.

    A load that has ended by itself before that proves nothing: it is an AssertionError.
    """

    def leaving() -> str:
        names = ", ".join(pod.name for pod in leaving_pods(namespace))
        return f"{names} still leaving" if names else ""

    until(90, "the end of the pods that left", leaving)
    assert load.running(), "the load ended too early: it proves nothing"
    load.stop()
    return load.report(60)


def check_no_loss(proof: Proof, report: Report) -> None:
    """Check that every request of a load was answered with status 200."""
    raw = report.raw
    kinds = ", ".join(f"{kind} {of['failed']} of {of['sent']}" for kind, of in raw["by_kind"].items())
    proof.note(
        f"{report} ({kinds}); p99 {raw['p99'] * 1000:.0f} ms, slowest {raw['slowest']:.2f} s,"
        f" sent at most {raw['latest_start']:.2f} s late"
    )
    assert report.failed == 0, raw["failures"]
    assert raw["by_status"] == {"200": report.sent}


def wait_for_new_scrapes(prometheus: Prometheus, namespace: str) -> None:
    """Wait until Prometheus has scraped every target once more, by its own clock."""
    before = {t["scrapeUrl"]: t["lastScrape"] for t in prometheus.targets(JOB, namespace)}
    assert before, "Prometheus has no target of the job"

    def complaint() -> str:
        now = {t["scrapeUrl"]: t["lastScrape"] for t in prometheus.targets(JOB, namespace)}
        scraped = all(now.get(url, last) != last for url, last in before.items())
        return "" if scraped else "a target was not scraped yet"

    until(90, "a scrape of every target", complaint)


def wait_until_up(prometheus: Prometheus, namespace: str) -> list[str]:
    """Wait until the targets are exactly the ready pods and all up; return their addresses."""
    seen: list[str] = []

    def complaint() -> str:
        expected = sorted(f"{pod.status['podIP']}:5000" for pod in pods(namespace) if ready(pod))
        # Prometheus returns series of deleted pods for five minutes more: only the current targets count.
        targets = [t["labels"]["instance"] for t in prometheus.targets(JOB, namespace)]
        samples = prometheus.query(f'up{{job="{JOB}",namespace="{namespace}"}}')
        up = {s.labels["instance"]: s.value for s in samples if s.labels["instance"] in targets}
        good = len(expected) == REPLICAS and sorted(targets) == sorted(up) == expected and set(up.values()) == {1.0}
        seen[:] = expected
        return "" if good else f"ready pods {expected}, up {up}"

    until(CONFIGURED, "up == 1 for every replica", complaint)
    return seen


def check_rollback(
    proof: Proof, release: Release, image: Image, values: Mapping[str, object], name: str, rate: int = RATE
) -> None:
    """Upgrade a release of `image` to values that break it: helm rolls it back, and no request of the load fails."""
    load = start_load(release.namespace, name, image, rate)
    with pytest.raises(HelmFailed) as failed:
        release.upgrade({**image.values, **values}, timeout="25s")
    check_no_loss(proof, end_load(load, release.namespace))
    last = release.history()[-1]
    proof.note(f"revision {last['revision']}: {last['description']}; helm: {str(failed.value).splitlines()[-1][-90:]}")
    assert last["description"].startswith("Rollback to")
    running = [pod for pod in pods(release.namespace) if ready(pod)]
    assert {pod.spec["containers"][0]["image"] for pod in running} == {f"{image.repository}@{image.digest}"}
