"""What can be wrong with a Prometheus itself, shown on one of our own: nobody else's monitoring is touched."""

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
from proofs.conftest import PROOFS
from proofs.drills.patient import QUICK, Patient
from proofs.image import Image
from proofs.settings import Settings

NAME = "stranger"
NAMESPACE = "drills-stranger"
WATCHED_BY_IT = {
    "dashboard.enabled": False,
    "prometheusRule.enabled": False,
    "serviceMonitor.labels": {"release": NAME},
}
NO_EGRESS = {
    "metadata": {"name": "shut-in", "namespace": NAMESPACE},
    "spec": {"podSelector": {"matchLabels": {"operator.prometheus.io/name": NAME}}, "policyTypes": ["Egress"]},
}


def prometheus_like_the_clusters() -> dict[str, object]:
    """Return a Prometheus of the version that the cluster runs; its account has no rights at all."""
    own = next(iter(kr8s.get("Prometheus", namespace="monitoring"))).raw["spec"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"release": NAME}},
        "spec": {
            **{key: own[key] for key in ("image", "version") if key in own},
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


@pytest.fixture(scope="module")
def stranger(settings: Settings, image: Image) -> Iterator[Patient]:
    with temporary_namespace(NAMESPACE):
        ServiceAccount({"metadata": {"name": NAME, "namespace": NAMESPACE}}).create()
        kubectl("create", "-f", "-", given=prometheus_like_the_clusters())
        values = {**QUICK, **image.values, **WATCHED_BY_IT}
        patient = Patient(NAMESPACE, settings, values, monitoring=NAME, monitoring_namespace=NAMESPACE)
        patient.upgrade({}, wait=True)
        until(CONFIGURED, "the Prometheus", lambda: "" if any(map(ready, started())) else "no Ready pod")
        yield patient


def started() -> list[Pod]:
    """Return the pods of that Prometheus."""
    found = Pod.list(namespace=NAMESPACE, label_selector={"operator.prometheus.io/name": NAME})
    return [pod for pod in found if isinstance(pod, Pod)]


@pytest.mark.timeout(600)
def test_a_prometheus_without_rights_is_healed_by_the_doctors_own_command(
    stranger: Patient, request: pytest.FixtureRequest
) -> None:
    with request.config.stash[PROOFS].proof("Prometheus may not look there") as row:
        row.saw("symptom: no target appears, though everything selects everything")
        found = stranger.until_diagnosed("prometheus-rights").finding
        row.saw(f"doctor: {found.message}")
        row.saw(f"mend: {found.fix}")
        subprocess.run(shlex.split(found.fix), check=True, capture_output=True, text=True)
        stranger.until_whole()
        row.passed = True


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    os.environ.get("NETWORK_POLICY_ENFORCED") != "1",
    reason="NETWORK_POLICY_ENFORCED=1 says that this cluster's network plugin enforces NetworkPolicies",
)
def test_a_prometheus_that_is_shut_in_is_named(stranger: Patient, request: pytest.FixtureRequest) -> None:
    with request.config.stash[PROOFS].proof("a NetworkPolicy lets nothing out of Prometheus") as row:
        row.saw("symptom: the target is DOWN with a timeout; no policy is to be seen where the release is")
        policy = NetworkPolicy(NO_EGRESS)
        policy.create()
        try:
            found = stranger.until_diagnosed("network-policy").finding
            assert "egress" in found.message
            row.saw(f"doctor: {found.message}")
            row.saw("mend: let Prometheus out to the release, or take the policy away")
        finally:
            policy.delete()
        stranger.until_whole()
        row.passed = True
