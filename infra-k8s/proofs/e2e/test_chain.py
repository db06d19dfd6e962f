"""Prove the chain on a real cluster, link by link: source, image, registry, chart, pods, Prometheus.

The tests build on each other in the order of this file. Load comes from inside the cluster through the Service; every
attempt counts, no request is retried, and a query without a result is never taken as zero.
"""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from kr8s.objects import Node, Pod

from clients.helm import Release
from clients.kubernetes import pods
from clients.namespaces import temporary_namespace
from clients.prometheus import CONFIGURED, Prometheus, until
from monitoring import answers, queries
from proofs.image import Image, build
from proofs.recording import Proof
from proofs.release_checks import (
    JOB,
    REPLICAS,
    URL,
    check_helm_test,
    check_installation,
    check_no_loss,
    check_rollback,
    check_targets,
    end_load,
    passed_checks,
    start_load,
    wait_for_new_scrapes,
    wait_until_up,
)
from proofs.settings import Settings
from release.load import Load, Report, pod_spec

SERIES = 'http_requests_total{job="flask-app",namespace="%s",route=~"/|/api/info"}'
# Uses every connection that the policy has to allow.
WITH_POLICY = {
    "networkPolicy.enabled": True,
    "traffic.enabled": True,
    "tests.prometheusUrl": "http://monitoring-kube-prometheus-prometheus.monitoring:9090",
}
POLICY_SECONDS = 10  # until a policy applies on a new pod's node
DASHBOARDS = Path(__file__).resolve().parents[2] / "helm" / "flask-app" / "files" / "dashboards"


@pytest.fixture(scope="module", autouse=True)
def start() -> float:
    """The start of this run, in seconds since the epoch."""
    return time.time()


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
    proof.note(f"{', '.join(sorted(found))} in {image.digest[:19]}…")
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

        until(120, f"the end of pod {name}", complaint)
        log = "\n".join(pod.logs())
        assert pod.status["phase"] == "Succeeded", log
        proof.note(f"{platform}: {log.strip()}")
        pod.delete()


def test_install(proof: Proof, release: Release, image: Image) -> None:
    """The chart installs where the restricted Pod Security Standard is enforced."""
    check_installation(proof, release, image.values)


def test_helm_test(proof: Proof, release: Release) -> None:
    """The chart's own test passes."""
    check_helm_test(proof, release)


def test_up(proof: Proof, prometheus: Prometheus, release: Release) -> None:
    """Prometheus reports every replica up, through the ServiceMonitor."""
    check_targets(proof, prometheus, release.namespace)


def test_exact_count(proof: Proof, prometheus: Prometheus, release: Release, image: Image) -> None:
    """Prometheus counts exactly the requests that were sent."""
    series = SERIES % release.namespace
    wait_for_new_scrapes(prometheus, release.namespace)
    before = {s.labels["pod"]: s.value for s in prometheus.query(f"sum by (pod) ({series})")}
    load = Load(
        release.namespace,
        "count",
        f"{image.repository}@{image.digest}",
        ["--url", URL, "--rate", "50", "--count", "1000", "--path", "/", "--path", "/api/info"],
    )
    load.start()
    report = load.report(90)
    wait_for_new_scrapes(prometheus, release.namespace)
    after = {s.labels["pod"]: s.value for s in prometheus.query(f"sum by (pod) ({series})")}
    # A pod without a request has no series yet, and its count before is 0: `up` has just shown that it is scraped.
    current = {pod.name for pod in pods(release.namespace)}
    counted = {pod: after[pod] - before.get(pod, 0) for pod in after if pod in current}
    proof.note(f"{report.sent} sent, {sum(counted.values()):.0f} counted: {sorted(counted.values())} by replica")
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

    until(CONFIGURED, "rules without an error", complaint)
    alerts = sum(rule["type"] == "alerting" for rule in rules)
    proof.note(f"{len(rules) - alerts} recording rules, {alerts} alerts, all ok")
    assert alerts > 0


def test_dashboard(proof: Proof, prometheus: Prometheus, release: Release, start: float) -> None:
    """Every query of the dashboard returns samples of this run."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        dashboard = queries.load(path)
        problems: list[str] = []

        def complaint(dashboard: queries.Dashboard = dashboard, problems: list[str] = problems) -> str:
            problems[:] = answers.check(prometheus, dashboard, {"namespace": release.namespace}, start)
            return "; ".join(problems)

        until(CONFIGURED, f"answers to {path.name}", complaint)
        count = len(list(queries.queries(dashboard)))
        proof.note(f"{path.name}: {count} queries, {len(queries.metrics(dashboard))} metrics")
        assert count > 0


def test_rolling_upgrade(
    proof: Proof, release: Release, image: Image, next_image: Image, prometheus: Prometheus
) -> None:
    """A rolling upgrade under steady load loses no request."""
    load = start_load(release.namespace, "rolling", image)
    release.upgrade(next_image.values)
    check_no_loss(proof, end_load(load, release.namespace))
    wait_until_up(prometheus, release.namespace)
    wait_for_new_scrapes(prometheus, release.namespace)
    current = "|".join(pod.name for pod in pods(release.namespace))
    builds = prometheus.query(f'app_build_info{{job="{JOB}",namespace="{release.namespace}",pod=~"{current}"}}')
    versions = sorted(f"{s.labels['version']} {s.labels['revision'][:7]}" for s in builds)
    proof.note(f"serving afterwards: {', '.join(versions)}")
    assert versions == ["0.2.0 bbbbbbb"] * REPLICAS


@pytest.mark.parametrize(
    ("breakage", "values"),
    [
        ("an image that cannot be pulled", {"image.tag": "no-such-tag", "image.digest": ""}),
        ("a readiness probe that never succeeds", {"probes.readiness.path": "/never"}),
    ],
)
def test_broken_release(
    proof: Proof, release: Release, next_image: Image, breakage: str, values: dict[str, object]
) -> None:
    """A broken release is rolled back without losing a request."""
    proof.name = f"A release with {breakage} is rolled back, and no request is lost"
    check_rollback(proof, release, next_image, values, f"broken-{len(values)}")


def test_network_policy(proof: Proof, release: Release, next_image: Image, prometheus: Prometheus) -> None:
    """The NetworkPolicy admits Prometheus, the release's namespace, the chart's tests and traffic, and nothing else."""
    url = f"http://flask-app.{release.namespace}:5000"

    def requests_from(namespace: str, name: str) -> Report:
        # A policy applies to a new pod some time after its start: the requests begin later.
        arguments = ["--url", url, "--count", "4", "--rate", "2", "--timeout", "3", "--delay", "5"]
        load = Load(namespace, name, f"{next_image.repository}@{next_image.digest}", arguments)
        load.start()
        return load.report(60)

    with temporary_namespace("flask-app-other") as other:
        without_policy = requests_from(other, "before")
        assert without_policy.failed == 0, "another namespace is blocked without a policy: nothing can be concluded"
        assert can_connect(pods(release.namespace)[0]), (
            "a pod opens no connection without a policy: nothing can be concluded"
        )
        release.upgrade({**next_image.values, **WITH_POLICY})
        own = requests_from(release.namespace, "own")
        blocked = requests_from(other, "after")
    log = release.test()
    wait_for_new_scrapes(prometheus, release.namespace)
    wait_until_up(prometheus, release.namespace)
    generated = traffic_report(release.namespace)
    confined = not can_connect(pods(release.namespace)[0])
    proof.note(
        f"own namespace {own.failed} of {own.sent} refused, another namespace {blocked.failed} of {blocked.sent}"
    )
    proof.note(
        f"traffic generator {generated['failed']} of {generated['sent']} refused; helm test: {passed_checks(log)}"
    )
    assert own.failed == 0
    assert "FAIL" not in log
    assert "ok   Prometheus reaches every pod" in log
    assert generated["sent"] > 0
    assert generated["by_status"] == {"200": generated["ok"]}
    # Requests that were sent before the policy applied on the node may have failed for another reason.
    assert generated["failures"] == [
        f for f in generated["failures"] if f["at"] < generated["first_sent"] + POLICY_SECONDS
    ]
    if blocked.failed == 0 and os.environ.get("NETWORK_POLICY_ENFORCED") != "1":
        pytest.skip("this cluster's network plugin does not enforce NetworkPolicies")
    assert blocked.failed == blocked.sent
    assert confined, "a pod of the application opens a connection to another namespace, though only DNS is allowed"


def can_connect(pod: Pod) -> bool:
    """Tell whether a pod can open a connection to another namespace."""
    code = "import socket; socket.create_connection(('monitoring-kube-prometheus-prometheus.monitoring', 9090), 3)"
    return bool(pod.exec(["python", "-c", code], check=False).returncode == 0)


def traffic_report(namespace: str) -> dict[str, Any]:
    """Stop the chart's traffic generator with SIGTERM and return its report; the kubelet starts it again."""
    pod = next(iter(Pod.list(namespace=namespace, label_selector={"app.kubernetes.io/component": "traffic"})))
    assert isinstance(pod, Pod)
    pod.exec(["python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"], check=False)

    def complaint() -> str:
        pod.refresh()
        return "" if pod.status["containerStatuses"][0]["restartCount"] else "it still runs"

    until(60, "the end of the traffic generator", complaint)
    report: dict[str, Any] = json.loads([line for line in pod.logs(previous=True) if line.startswith("{")][-1])
    return report
