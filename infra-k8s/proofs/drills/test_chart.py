"""The chart before a real API server: its objects, and its upgrade."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from clients.helm import CHART
from clients.kubernetes import kubectl, pods
from helm.render import Object, render
from helm.values_files import ALL
from proofs.conftest import PROOFS
from proofs.drills.patient import Patient


def known() -> set[tuple[str, str]]:
    """Return the kinds that this cluster serves, each with its version."""
    listed = [line.split() for line in kubectl("api-resources", "--no-headers").splitlines()]
    return {(words[-3], words[-1]) for words in listed}


def rendered(namespace: str) -> list[Object]:
    """Return what every values file renders, each object once, in a namespace and under a name of its own.

    What a pod only refers to is left out: it is not there, and admission would say no more than that.
    """
    objects = {json.dumps(each, sort_keys=True): each for values in ALL.values() for each in render(values)}
    for number, each in enumerate(objects.values()):
        each["metadata"].update(name=f"shape-{number}", namespace=namespace)
        if each["kind"] == "Pod":
            each["spec"] = {
                k: v for k, v in each["spec"].items() if k not in ("serviceAccountName", "priorityClassName")
            }
    return list(objects.values())


def test_the_api_server_takes_every_object(patient: Patient, request: pytest.FixtureRequest) -> None:
    with request.config.stash[PROOFS].proof("the API server takes every object of every values file") as row:
        objects, served = rendered(patient.namespace), known()
        judged = [each for each in objects if (each["apiVersion"], each["kind"]) in served]
        unknown = sorted({each["kind"] for each in objects} - {each["kind"] for each in judged})
        whole = {"apiVersion": "v1", "kind": "List", "items": judged}
        said = kubectl("create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-", given=whole)
        assert len(said.splitlines()) == len(judged)
        row.saw(f"{len(judged)} objects of {len(ALL)} values files, fields checked strictly")
        row.saw(f"kinds that this cluster does not know: {', '.join(unknown) or 'none'}")
        assert {"ServiceMonitor", "PrometheusRule"} <= {each["kind"] for each in judged}
        row.passed = True


def test_a_new_chart_version_leaves_the_pods_alone(
    patient: Patient, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with request.config.stash[PROOFS].proof("an upgrade to a new chart version alone restarts no pod") as row:
        newer = tmp_path / "flask-app"
        shutil.copytree(CHART, newer)
        file = newer / "Chart.yaml"
        file.write_text(file.read_text().replace("\nversion: ", "\nversion: 1"))

        def running() -> dict[str, Any]:
            return {pod.name: pod.metadata["uid"] for pod in pods(patient.namespace)}

        before = running()
        patient.upgrade({}, chart=newer, wait=True)
        assert patient.get("Deployment", "flask-app").raw["metadata"]["labels"]["helm.sh/chart"] == "flask-app-10.1.0"
        assert running() == before
        patient.upgrade({}, wait=True)
        assert running() == before
        row.saw(f"same {len(before)} pods after the upgrade and after the way back")
        row.passed = True
