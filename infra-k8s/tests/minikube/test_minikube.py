"""`make minikube`, against a recorder: the exact commands in their order, and what is said when one fails."""

import os
from pathlib import Path

import pytest
import yaml

from tests.minikube.conftest import IMAGE, Laptop, expected


def test_up_runs_the_walkthroughs_commands_in_order(laptop: Laptop, app: Path) -> None:
    done = laptop.run("up", "--app-dir", str(app))
    assert done.returncode == 0, done.stderr
    assert laptop.commands == expected(app)
    assert {call["profile"] for call in laptop.calls[1:]} == {"minikube"}, "another profile is left alone"


def test_up_twice_runs_the_same_commands(laptop: Laptop, app: Path) -> None:
    assert [laptop.run("up", "--app-dir", str(app)).returncode for _ in range(2)] == [0, 0]
    assert laptop.commands == expected(app) * 2


def test_up_says_how_to_open_each_part(laptop: Laptop, app: Path) -> None:
    said = laptop.run("up", "--app-dir", str(app)).stdout
    for command in (
        "minikube service flask-app -n flask-app",
        "kubectl port-forward -n monitoring svc/monitoring-kube-prometheus-prometheus 9090",
        "kubectl port-forward -n monitoring svc/monitoring-grafana 3000:80",
        'kubectl get secret -n monitoring monitoring-grafana -o jsonpath="{.data.admin-password}" | base64 -d ; echo',
    ):
        assert command in said


def test_application_namespace_enforces_restricted_pods(laptop: Laptop, app: Path) -> None:
    laptop.run("up", "--app-dir", str(app))
    (applied,) = [call["stdin"] for call in laptop.calls if call["stdin"]]
    labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in yaml.safe_load_all(str(applied))}
    assert labels == {"monitoring": {}, "flask-app": {"pod-security.kubernetes.io/enforce": "restricted"}}


@pytest.mark.parametrize(
    "begin", ["minikube start", "kubectl", "helm upgrade --install monitoring", "make", "minikube image"]
)
def test_failing_step_is_named_and_ends_it(laptop: Laptop, app: Path, begin: str) -> None:
    laptop.answers[begin] = (7, "no")
    done = laptop.run("up", "--app-dir", str(app))
    assert done.returncode == 1
    assert f"failed (exit 7): {begin}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 4  # the tool's own words, a gap, the command, the advice
    assert " ".join(laptop.commands[-1]).startswith(begin), "nothing ran after it"


def test_missing_application_is_one_line(laptop: Laptop) -> None:
    done = laptop.run("up", "--app-dir", "")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "make minikube APP_DIR=<folder of flask-app>" in done.stderr


def test_real_make_builds_what_is_loaded(laptop: Laptop) -> None:
    if not (app_dir := os.environ.get("APP_DIR", "")):
        pytest.skip("APP_DIR is not set: its Makefile is what would build the image")
    (laptop.bin / "make").unlink()
    done = laptop.run("up", "--app-dir", app_dir, path=os.environ["PATH"])
    assert done.returncode == 0, done.stderr
    (build,) = [command for command in laptop.commands if command[:3] == ["docker", "buildx", "build"]]
    assert build[build.index("--tag") + 1] == f"{IMAGE}:0.1.0"
    assert "--load" in build, "minikube takes it from the local daemon"
