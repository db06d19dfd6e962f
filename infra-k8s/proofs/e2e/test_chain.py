"""The chain on a real cluster, link by link: source, image, registry, chart, pods, Prometheus.

The tests build on each other in the order of this file. Load always comes from inside the cluster through the
Service; every attempt counts, nothing is sent twice, no query falls back to zero.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kr8s.objects import Node, Pod

from clients.helm import Release
from clients.kubernetes import pods, ready
from clients.namespaces import temporary_namespace
from clients.prometheus import CONFIGURED, Prometheus, until
from monitoring import answers, queries
from proofs.image import Image, build
from proofs.report import Proof
from proofs.serving import JOB, REPLICAS, URL, all_up, lossless, rolled_back, scraped_again, steady
from proofs.settings import Settings
from release.load import Load, Report, pod_spec

SERIES = 'http_requests_total{job="flask-app",namespace="%s",route=~"/|/api/info"}'
# Every way in and out that the policy has to leave open is used.
GUARDED = {
    "networkPolicy.enabled": True,
    "traffic.enabled": True,
    "tests.prometheusUrl": "http://monitoring-kube-prometheus-prometheus.monitoring:9090",
}
SETTLING = 10  # seconds in which a policy reaches a new pod's node
DASHBOARDS = Path(__file__).resolve().parents[2] / "helm" / "flask-app" / "files" / "dashboards"


@pytest.fixture(scope="module", autouse=True)
def begun() -> float:
    """When this run began, in seconds since the epoch."""
    return time.time()


@pytest.fixture(scope="module")
def release(namespace: str) -> Iterator[Release]:
    release = Release(namespace)
    yield release
    release.uninstall()


@pytest.fixture(scope="module")
def next_image(settings: Settings) -> Image:
    return build(settings, tag="0.2.0", version="0.2.0", revision="b" * 40)


def manifest(reference: str) -> dict[str, object]:
    done = subprocess.run(
        ["docker", "buildx", "imagetools", "inspect", "--raw", reference], capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def platforms(image: Image, settings: Settings) -> dict[str, str]:
    """Return the digest of each platform in the pushed index."""
    repository = image.repository.replace(settings.pull_registry, settings.push_registry, 1)
    index = manifest(f"{repository}@{image.digest}")
    entries = index["manifests"]
    assert isinstance(entries, list)
    named = {f"{e['platform']['os']}/{e['platform']['architecture']}": e["digest"] for e in entries}
    return {name: digest for name, digest in named.items() if name != "unknown/unknown"}


def test_image(proof: Proof, image: Image, settings: Settings) -> None:
    """The image is built from source for every platform and pushed."""
    found = platforms(image, settings)
    proof.saw(f"{', '.join(sorted(found))} in {image.digest[:19]}…")
    assert set(found) == set(settings.platforms.split(","))


def test_platforms_run(proof: Proof, image: Image, settings: Settings, namespace: str) -> None:
    """The image runs on every architecture that the nodes run."""
    found = platforms(image, settings)
    nodes = {f"linux/{n.status['nodeInfo']['architecture']}" for n in Node.list() if isinstance(n, Node)}
    for platform in sorted(set(os.environ.get("RUN_PLATFORMS", "").split(",")) - {""} or nodes):
        name = f"runs-{platform.rpartition('/')[2]}"
        command = ["python", "-c", "import platform, app.app as a; a.create_app(); print(platform.machine())"]
        spec = pod_spec("app", f"{image.repository}@{found[platform]}", command)
        pod = Pod({"metadata": {"name": name, "namespace": namespace}, "spec": spec})
        pod.create()

        def complaint(pod: Pod = pod) -> str:
            pod.refresh()
            return "" if pod.status.get("phase") in ("Succeeded", "Failed") else str(pod.status.get("phase"))

        until(120, f"the end of {name}", complaint)
        said = "\n".join(pod.logs())
        assert pod.status["phase"] == "Succeeded", said
        proof.saw(f"{platform}: {said.strip()}")
        pod.delete()


def test_install(proof: Proof, release: Release, image: Image, namespace: str) -> None:
    """The chart installs where the restricted Pod Security Standard is enforced."""
    release.upgrade(image.values)
    running = [pod for pod in pods(namespace) if ready(pod)]
    proof.saw(f"{len(running)} pods Ready")
    assert len(running) == REPLICAS


def test_helm_test(proof: Proof, release: Release) -> None:
    """The chart's own test passes."""
    log = release.test()
    proof.saw(f"{sum(line.startswith('ok') for line in log.splitlines())} checks ok")
    assert "ok   metrics tell the build" in log


def test_up(proof: Proof, prometheus: Prometheus, release: Release) -> None:
    """Prometheus reports every replica up, through the ServiceMonitor."""
    addresses = all_up(prometheus, release.namespace)
    proof.saw(f"up == 1 for {', '.join(addresses)}")


def test_exact_count(proof: Proof, prometheus: Prometheus, release: Release, image: Image) -> None:
    """Exactly the requests that were sent are counted by Prometheus."""
    series = SERIES % release.namespace
    scraped_again(prometheus, release.namespace)
    before = {s.labels["pod"]: s.value for s in prometheus.query(f"sum by (pod) ({series})")}
    load = Load(
        release.namespace,
        "count",
        f"{image.repository}@{image.digest}",
        ["--url", URL, "--rate", "50", "--count", "1000", "--path", "/", "--path", "/api/info"],
    )
    load.start()
    report = load.report(90)
    scraped_again(prometheus, release.namespace)
    after = {s.labels["pod"]: s.value for s in prometheus.query(f"sum by (pod) ({series})")}
    # A pod that was scraped but never asked has no series yet: its count was nothing, as up == 1 just said.
    living = {pod.name for pod in pods(release.namespace)}
    counted = {pod: after[pod] - before.get(pod, 0) for pod in after if pod in living}
    proof.saw(f"{report.sent} sent, {sum(counted.values()):.0f} counted: {sorted(counted.values())} by replica")
    assert report.failed == 0
    assert report.sent == 1000
    assert len(counted) == REPLICAS
    assert sum(counted.values()) == 1000


def test_rules(proof: Proof, prometheus: Prometheus, release: Release) -> None:
    """Every rule of the chart is loaded and evaluated without an error."""
    rules: list[dict[str, object]] = []

    def complaint() -> str:
        groups = [g for g in prometheus.rule_groups() if f"/{release.namespace}-{release.name}-" in g["file"]]
        rules[:] = [rule for group in groups for rule in group["rules"]]
        wrong = [f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}" for rule in rules]
        return "" if rules and all(r["health"] == "ok" for r in rules) else f"{len(rules)} rules; {wrong[:3]}"

    until(CONFIGURED, "rules in good health", complaint)
    alerts = sum(rule["type"] == "alerting" for rule in rules)
    proof.saw(f"{len(rules) - alerts} recording rules, {alerts} alerts, all ok")
    assert alerts > 0


def test_dashboard(proof: Proof, prometheus: Prometheus, release: Release, begun: float) -> None:
    """Every query of the dashboard is answered with samples of this run."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        dashboard = queries.load(path)
        problems: list[str] = []

        def complaint(dashboard: queries.Dashboard = dashboard, problems: list[str] = problems) -> str:
            problems[:] = answers.check(prometheus, dashboard, {"namespace": release.namespace}, begun)
            return "; ".join(problems)

        until(CONFIGURED, f"answers to {path.name}", complaint)
        asked = len(list(queries.queries(dashboard)))
        proof.saw(f"{path.name}: {asked} queries, {len(queries.metrics(dashboard))} metrics")
        assert asked > 0


def test_rolling_upgrade(
    proof: Proof, release: Release, image: Image, next_image: Image, prometheus: Prometheus
) -> None:
    """A rolling upgrade under steady load loses no request."""
    load = steady(release.namespace, "rolling", image, 80)
    release.upgrade(next_image.values)
    assert load.running(), "the load was over before the upgrade: it proves nothing"
    lossless(proof, load.report(120))
    all_up(prometheus, release.namespace)
    scraped_again(prometheus, release.namespace)
    living = "|".join(pod.name for pod in pods(release.namespace))
    builds = prometheus.query(f'app_build_info{{job="{JOB}",namespace="{release.namespace}",pod=~"{living}"}}')
    versions = sorted(f"{s.labels['version']} {s.labels['revision'][:7]}" for s in builds)
    proof.saw(f"serving afterwards: {', '.join(versions)}")
    assert versions == ["0.2.0 bbbbbbb"] * REPLICAS


@pytest.mark.parametrize(
    ("breakage", "values"),
    [
        ("an image that cannot be pulled", {"image.tag": "no-such-tag", "image.digest": ""}),
        ("a readiness that never comes", {"probes.readiness.path": "/never"}),
    ],
)
def test_broken_release(
    proof: Proof, release: Release, next_image: Image, breakage: str, values: dict[str, object]
) -> None:
    """A broken release is rolled back without losing a request."""
    proof.name = f"A release with {breakage} is rolled back, and no request is lost"
    rolled_back(proof, release, next_image, values, f"broken-{len(values)}")


def test_network_policy(proof: Proof, release: Release, next_image: Image, prometheus: Prometheus) -> None:
    """The NetworkPolicy lets in Prometheus, the own namespace, the chart's test and traffic, and nobody else."""
    url = f"http://flask-app.{release.namespace}:5000"

    def asked_from(namespace: str, name: str) -> Report:
        # A policy applies to a new pod some time after it started: only what holds from then on is asked.
        arguments = ["--url", url, "--count", "4", "--rate", "2", "--timeout", "3", "--delay", "5"]
        load = Load(namespace, name, f"{next_image.repository}@{next_image.digest}", arguments)
        load.start()
        return load.report(60)

    with temporary_namespace("flask-app-stranger") as stranger:
        open_to_all = asked_from(stranger, "before")
        assert open_to_all.failed == 0, "the stranger is kept out without a policy: nothing can be concluded"
        assert reaches_out(pods(release.namespace)[0]), "a pod reaches nothing without a policy: nothing to conclude"
        release.upgrade({**next_image.values, **GUARDED})
        own = asked_from(release.namespace, "own")
        kept_out = asked_from(stranger, "after")
    log = release.test()
    scraped_again(prometheus, release.namespace)
    all_up(prometheus, release.namespace)
    generated = traffic_report(release.namespace)
    shut_in = not reaches_out(pods(release.namespace)[0])
    proof.saw(f"own namespace {own.failed} of {own.sent} refused, stranger {kept_out.failed} of {kept_out.sent}")
    proof.saw(f"traffic generator {generated['failed']} of {generated['sent']} refused; {summed_up(log)}")
    assert own.failed == 0
    assert "FAIL" not in log
    assert "ok   Prometheus reaches every pod" in log
    assert generated["sent"] > 0
    assert generated["by_status"] == {"200": generated["ok"]}
    # What it sent before its own policy had reached its node cannot be told apart from what it was refused.
    assert generated["failures"] == [f for f in generated["failures"] if f["at"] < generated["first_sent"] + SETTLING]
    if kept_out.failed == 0 and os.environ.get("NETWORK_POLICY_ENFORCED") != "1":
        pytest.skip("this cluster's network plugin does not enforce NetworkPolicies")
    assert kept_out.failed == kept_out.sent
    assert shut_in, "a pod of the application reaches out, though only DNS is let out"


def summed_up(log: str) -> str:
    return f"helm test: {sum(line.startswith('ok') for line in log.splitlines())} checks ok"


def reaches_out(pod: Pod) -> bool:
    """Tell whether a pod can open a connection to another namespace."""
    code = "import socket; socket.create_connection(('monitoring-kube-prometheus-prometheus.monitoring', 9090), 3)"
    return bool(pod.exec(["python", "-c", code], check=False).returncode == 0)


def traffic_report(namespace: str) -> dict[str, Any]:
    """End the chart's traffic generator in good order, which reports and is started again, and return its report."""
    pod = next(iter(Pod.list(namespace=namespace, label_selector={"app.kubernetes.io/component": "traffic"})))
    assert isinstance(pod, Pod)
    pod.exec(["python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"], check=False)

    def complaint() -> str:
        pod.refresh()
        return "" if pod.status["containerStatuses"][0]["restartCount"] else "it still runs"

    until(60, "the end of the traffic generator", complaint)
    report: dict[str, Any] = json.loads([line for line in pod.logs(previous=True) if line.startswith("{")][-1])
    return report
