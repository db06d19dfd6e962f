"""A release that serves, under steady load and in Prometheus's eyes: what several proofs look at."""

import pytest

from clients.helm import HelmFailed, Release
from clients.kubernetes import pods, ready
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import Image
from proofs.report import Proof
from release.load import Load, Report

JOB = "flask-app"
REPLICAS = 2
RATE = 150  # dense enough to hit the instant in which a pod that leaves too early refuses
URL = "http://flask-app:5000"
STEADY = ["--url", URL, "--path", "/", "--path", "/api/info", "--timeout", "5"]


def steady(namespace: str, name: str, image: Image, seconds: int, rate: int = RATE) -> Load:
    arguments = [*STEADY, "--rate", str(rate), "--seconds", str(seconds)]
    load = Load(namespace, name, f"{image.repository}@{image.digest}", arguments)
    load.start()
    return load


def lossless(proof: Proof, report: Report) -> None:
    raw = report.raw
    kinds = ", ".join(f"{kind} {of['failed']} of {of['sent']}" for kind, of in raw["by_kind"].items())
    proof.saw(
        f"{report} ({kinds}); p99 {raw['p99'] * 1000:.0f} ms, slowest {raw['slowest']:.2f} s,"
        f" none sent later than {raw['latest_start']:.2f} s after it was due"
    )
    assert report.failed == 0, raw["failures"]
    assert raw["by_status"] == {"200": report.sent}


def scraped_again(prometheus: Prometheus, namespace: str) -> None:
    """Wait until every target was scraped once more, by Prometheus's own clock."""
    before = {t["scrapeUrl"]: t["lastScrape"] for t in prometheus.targets(JOB, namespace)}
    assert before, "Prometheus has no target of the job"

    def complaint() -> str:
        now = {t["scrapeUrl"]: t["lastScrape"] for t in prometheus.targets(JOB, namespace)}
        return (
            "" if all(now.get(url, seen) != seen for url, seen in before.items()) else "a target waits for its scrape"
        )

    until(90, "a scrape of every target", complaint)


def all_up(prometheus: Prometheus, namespace: str) -> list[str]:
    """Wait until the targets are exactly the ready pods and all up; return their addresses."""
    seen: list[str] = []

    def complaint() -> str:
        expected = sorted(f"{pod.status['podIP']}:5000" for pod in pods(namespace) if ready(pod))
        # Series of pods that are gone are answered for five minutes more: only targets of now are asked about.
        targets = [t["labels"]["instance"] for t in prometheus.targets(JOB, namespace)]
        samples = prometheus.query(f'up{{job="{JOB}",namespace="{namespace}"}}')
        up = {s.labels["instance"]: s.value for s in samples if s.labels["instance"] in targets}
        good = len(expected) == REPLICAS and sorted(targets) == sorted(up) == expected and set(up.values()) == {1.0}
        seen[:] = expected
        return "" if good else f"ready pods {expected}, up {up}"

    until(CONFIGURED, "up == 1 for every replica", complaint)
    return seen


def rolled_back(
    proof: Proof, release: Release, image: Image, values: dict[str, object], name: str, rate: int = RATE
) -> None:
    """Break a release of `image` by values: the upgrade fails, helm goes back, and the load notices nothing."""
    load = steady(release.namespace, name, image, 90, rate)
    with pytest.raises(HelmFailed) as failed:
        release.upgrade({**image.values, **values}, timeout="25s")
    assert load.running(), "the load was over before the rollback: it proves nothing"
    lossless(proof, load.report(150))
    last = release.history()[-1]
    proof.saw(f"revision {last['revision']}: {last['description']}; helm: {str(failed.value).splitlines()[-1][-90:]}")
    assert last["description"].startswith("Rollback to")
    running = [pod for pod in pods(release.namespace) if ready(pod)]
    assert {pod.spec["containers"][0]["image"] for pod in running} == {f"{image.repository}@{image.digest}"}
