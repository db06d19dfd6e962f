"""Drill faults of Prometheus itself on a second Prometheus: the cluster's own monitoring stays as it is.

Each test has a Prometheus of its own, in a namespace of its worker: pytest-xdist may run both at once.
"""

import os
import shlex
import subprocess
from collections.abc import Iterator

import kr8s
import pytest
from kr8s.objects import NetworkPolicy, Pod, ServiceAccount

from clients.kubernetes import kubectl, ready
from clients.namespaces import temporary_namespace
from clients.prometheus import CONFIGURED, until
from proofs.drills.release_under_test import QUICK, ReleaseUnderTest
from proofs.image import Image
from proofs.recording import Proof
from proofs.settings import Settings

NAME = "second"
NAMESPACE = "drills-prometheus"
SELECTED_BY_SECOND = {
    "dashboard.enabled": False,
    "prometheusRule.enabled": False,
    "serviceMonitor.labels": {"release": NAME},
}


def deny_egress(namespace: str) -> NetworkPolicy:
    """Return a policy that lets nothing out of the second Prometheus."""
    selector = {"matchLabels": {"operator.prometheus.io/name": NAME}}
    metadata = {"name": "deny-egress", "namespace": namespace}
    return NetworkPolicy({"metadata": metadata, "spec": {"podSelector": selector, "policyTypes": ["Egress"]}})


def second_prometheus(namespace: str) -> dict[str, object]:
    """Return a Prometheus of the same version as the cluster's; its service account has no rights."""
    cluster = next(iter(kr8s.get("Prometheus", namespace="monitoring"))).raw["spec"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": NAME, "namespace": namespace, "labels": {"release": NAME}},
        "spec": {
            **{key: cluster[key] for key in ("image", "version") if key in cluster},
            "serviceAccountName": NAME,
            "serviceMonitorSelector": {"matchLabels": {"release": NAME}},
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "fsGroup": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
    }


@pytest.fixture
def second(settings: Settings, image: Image, worker_id: str) -> Iterator[ReleaseUnderTest]:
    with temporary_namespace(f"{NAMESPACE}-{worker_id}") as namespace:
        ServiceAccount({"metadata": {"name": NAME, "namespace": namespace}}).create()
        kubectl("create", "-f", "-", given=second_prometheus(namespace))
        values = {**QUICK, **image.values, **SELECTED_BY_SECOND}
        release = ReleaseUnderTest(namespace, settings, values, monitoring=NAME, monitoring_namespace=namespace)
        release.upgrade({}, wait=True)
        until(
            CONFIGURED,
            "the second Prometheus",
            lambda: "" if any(map(ready, prometheus_pods(namespace))) else "no Ready pod",
        )
        yield release


@pytest.fixture
def second_with_rights(second: ReleaseUnderTest) -> ReleaseUnderTest:
    account = f"--serviceaccount={second.namespace}:{NAME}"
    kubectl("-n", second.namespace, "create", "rolebinding", "prometheus", "--clusterrole=view", account)
    second.wait_until_healthy()
    return second


def prometheus_pods(namespace: str) -> list[Pod]:
    """Return the pods of the second Prometheus."""
    found = Pod.list(namespace=namespace, label_selector={"operator.prometheus.io/name": NAME})
    return [pod for pod in found if isinstance(pod, Pod)]


@pytest.mark.timeout(600)
def test_a_prometheus_without_rights_is_fixed_by_the_doctors_command(second: ReleaseUnderTest, proof: Proof) -> None:
    """The doctor names a Prometheus without rights in the release's namespace, and its own command fixes it."""
    proof.note("symptom: no target appears, though every selector matches")
    finding = second.wait_for_diagnosis("prometheus-rights").finding
    proof.note(f"doctor: {finding.message}")
    proof.note(f"fix: {finding.fix}")
    subprocess.run(shlex.split(finding.fix), check=True, capture_output=True, text=True)
    second.wait_until_healthy()


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    os.environ.get("NETWORK_POLICY_ENFORCED") != "1",
    reason="NETWORK_POLICY_ENFORCED=1 says that this cluster's network plugin enforces NetworkPolicies",
)
def test_a_policy_that_blocks_the_egress_of_prometheus_is_named(
    second_with_rights: ReleaseUnderTest, proof: Proof
) -> None:
    """The doctor names a NetworkPolicy that blocks the egress of Prometheus."""
    proof.note("symptom: the target is DOWN with a timeout, and the release's namespace has no policy")
    policy = deny_egress(second_with_rights.namespace)
    policy.create()
    try:
        finding = second_with_rights.wait_for_diagnosis("network-policy").finding
        assert "egress" in finding.message
        proof.note(f"doctor: {finding.message}")
        proof.note("fix: allow egress from Prometheus to the release, or delete the policy")
    finally:
        policy.delete()
    second_with_rights.wait_until_healthy()
