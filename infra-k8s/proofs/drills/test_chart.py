"""Check the chart on a real API server: every object is valid, and an upgrade of its version restarts no pod."""

import json
import shutil
from pathlib import Path
from typing import Any

from clients.helm import CHART
from clients.kubernetes import kubectl, pods
from helm.render import Object, render
from helm.values_files import ALL
from proofs.drills.release_under_test import ReleaseUnderTest
from proofs.recording import Proof


def served_kinds() -> set[tuple[str, str]]:
    """Return the kinds that this cluster serves, each with its version."""
    listed = [line.split() for line in kubectl("api-resources", "--no-headers").splitlines()]
    return {(words[-3], words[-1]) for words in listed}


def rendered(namespace: str) -> list[Object]:
    """Return every object that the values files render, once, in a namespace and with a unique name.

    Without references from a pod to objects that do not exist here: admission would refuse the pod for them.
    """
    objects = {json.dumps(each, sort_keys=True): each for values in ALL.values() for each in render(values)}
    for number, each in enumerate(objects.values()):
        each["metadata"].update(name=f"shape-{number}", namespace=namespace)
        if each["kind"] == "Pod":
            each["spec"] = {
                k: v for k, v in each["spec"].items() if k not in ("serviceAccountName", "priorityClassName")
            }
    return list(objects.values())


def test_the_api_server_accepts_every_object(release: ReleaseUnderTest, proof: Proof) -> None:
    """The API server accepts every object of every values file."""
    objects, served = rendered(release.namespace), served_kinds()
    known = [each for each in objects if (each["apiVersion"], each["kind"]) in served]
    unknown = sorted({each["kind"] for each in objects} - {each["kind"] for each in known})
    manifest = {"apiVersion": "v1", "kind": "List", "items": known}
    names = kubectl("create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-", given=manifest)
    assert len(names.splitlines()) == len(known)
    proof.note(f"{len(known)} objects of {len(ALL)} values files, fields validated strictly")
    proof.note(f"kinds that this cluster does not serve: {', '.join(unknown) or 'none'}")
    assert {"ServiceMonitor", "PrometheusRule"} <= {each["kind"] for each in known}


def test_a_new_chart_version_restarts_no_pod(release: ReleaseUnderTest, tmp_path: Path, proof: Proof) -> None:
    """An upgrade of the chart's version alone restarts no pod."""
    newer = tmp_path / "flask-app"
    shutil.copytree(CHART, newer)
    file = newer / "Chart.yaml"
    file.write_text(file.read_text().replace("\nversion: ", "\nversion: 1"))

    def running() -> dict[str, Any]:
        return {pod.name: pod.metadata["uid"] for pod in pods(release.namespace)}

    before = running()
    release.upgrade({}, chart=newer, wait=True)
    assert release.get("Deployment", "flask-app").raw["metadata"]["labels"]["helm.sh/chart"] == "flask-app-10.1.0"
    assert running() == before
    release.upgrade({}, wait=True)
    assert running() == before
    proof.note(f"same {len(before)} pods after the upgrade and after the downgrade")
