"""The Job that carries the load: what the `restricted` Pod Security Standard would refuse, it must not be."""

from typing import Any

import kubernetes_validate
import pytest

from release.load import Report, job_spec


@pytest.fixture
def job() -> dict[str, Any]:
    spec = job_spec("steady", "registry/app@sha256:0", ["--url", "http://flask-app:5000", "--count", "1"], "node-1")
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "steady"}, "spec": spec}


def test_the_job_is_valid(job: dict[str, Any]) -> None:
    kubernetes_validate.validate(job, "1.33", strict=True)


def test_the_job_meets_the_restricted_standard(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert all(set(volume) <= {"name", "configMap"} for volume in pod["volumes"])


def test_nothing_is_sent_again_by_a_second_pod(job: dict[str, Any]) -> None:
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_the_job_runs_the_script_on_the_node_it_is_told(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    assert pod["nodeName"] == "node-1"
    (container,) = pod["containers"]
    assert container["command"][:2] == ["python", "/script/load.py"]
    assert container["command"][2:] == ["--url", "http://flask-app:5000", "--count", "1"]
    assert container["volumeMounts"][0]["mountPath"] == "/script"
    assert pod["volumes"][0]["configMap"]["name"] == "steady"


def test_a_report_says_what_was_lost() -> None:
    report = Report({"sent": 200, "failed": 3, "rate": 40})
    assert (report.sent, report.failed, str(report)) == (200, 3, "200 requests at 40/s, 3 failed")
