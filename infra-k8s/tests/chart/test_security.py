"""The `restricted` Pod Security Standard, and what goes beyond it, for every pod that any values file makes."""

import pytest

from helm.render import Object, render
from helm.values_files import ALL

ALLOWED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def pods(objects: list[Object]) -> list[Object]:
    """Return the pod specs among and inside the objects."""
    templates = [each["spec"]["template"]["spec"] for each in objects if each["kind"] == "Deployment"]
    return templates + [each["spec"] for each in objects if each["kind"] == "Pod"]


def restricted(pod: Object) -> list[str]:
    """Return which rules of the standard the pod breaks, and which of ours."""
    context = pod["securityContext"]
    rules = {
        "runs as root": context["runAsNonRoot"] is True and context["runAsUser"] > 0,
        "no seccomp profile": context["seccompProfile"]["type"] == "RuntimeDefault",
        "host namespaces": not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(),
        "volume types": all(set(volume) - {"name"} <= ALLOWED_VOLUMES for volume in pod.get("volumes", [])),
        "token mounted": pod["automountServiceAccountToken"] is False,
        "service links": pod["enableServiceLinks"] is False,
    }
    for container in pod["containers"]:
        inner = container["securityContext"]
        rules |= {
            "escalation": inner["allowPrivilegeEscalation"] is False,
            "capabilities": inner["capabilities"] == {"drop": ["ALL"]},
            "privileged": not inner.get("privileged"),
            "writable root": inner["readOnlyRootFilesystem"] is True,
            "host port": all("hostPort" not in port for port in container.get("ports", [])),
            "no memory limit": "memory" in container["resources"]["limits"],
            "no requests": {"cpu", "memory"} <= container["resources"]["requests"].keys(),
        }
    return [name for name, kept in rules.items() if not kept]


@pytest.mark.parametrize("name", ALL)
def test_every_pod_is_restricted(name: str) -> None:
    found = pods(render(ALL[name]))
    assert len(found) >= 2  # the application and the test
    assert [restricted(pod) for pod in found] == [[]] * len(found)


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"podSecurityContext": {"runAsNonRoot": False}}, "runs as root"),
        ({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}, "capabilities"),
        ({"securityContext": {"readOnlyRootFilesystem": False}}, "writable root"),
        ({"resources": {"limits": {"memory": None, "cpu": "1"}}}, "no memory limit"),
    ],
)
def test_a_broken_rule_is_seen(values: Object, broken: str) -> None:
    assert broken in restricted(pods(render(values))[0])


def test_the_service_account_carries_no_token() -> None:
    accounts = [each for each in render() if each["kind"] == "ServiceAccount"]
    assert [each["automountServiceAccountToken"] for each in accounts] == [False]
