"""The walkthrough's own commands, unedited."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.helm import Release
from cluster.image import build
from cluster.kube import temporary_namespace
from cluster.prometheus import Prometheus, until
from cluster.settings import Settings
from proofs.report import Proof

INFRA = Path(__file__).resolve().parents[2]
DEPLOY = "helm upgrade --install flask-app helm/flask-app -n flask-app"
FORWARD = "kubectl port-forward -n flask-app svc/flask-app 5000:5000"
SCRAPE = "curl http://localhost:5000/metrics"


@pytest.fixture
def deployed(settings: Settings) -> Iterator[str]:
    """The release as the walkthrough makes it, in a namespace of its own name."""
    if not settings.names_resolve_by_path:
        pytest.skip("IMAGE_NAMES_RESOLVE_BY_PATH is not 1: the chart's default image name cannot be pulled here")
    build(settings, tag="0.1.0", version="0.1.0", revision="c" * 40)
    with temporary_namespace("flask-app") as namespace:
        subprocess.run(DEPLOY.split(), cwd=INFRA, check=True, capture_output=True, text=True)
        yield namespace
        Release(namespace).uninstall()


def test_walkthrough(proof: Proof, deployed: str, prometheus: Prometheus) -> None:
    """The walkthrough's own commands work unedited."""
    subprocess.run(
        ["kubectl", "rollout", "status", "-n", deployed, "deployment/flask-app", "--timeout=90s"],
        check=True,
        capture_output=True,
    )
    proof.saw(DEPLOY)
    with subprocess.Popen(FORWARD.split(), stdout=subprocess.DEVNULL) as forward:
        try:
            time.sleep(3)
            answer = subprocess.run(SCRAPE.split(), capture_output=True, text=True, check=True).stdout
        finally:
            forward.terminate()
    proof.saw(f"{SCRAPE}: {len(answer.splitlines())} lines")
    assert "app_build_info{" in answer

    def complaint() -> str:
        targets = prometheus.targets("flask-app", deployed)
        return "" if targets and all(t["health"] == "up" for t in targets) else f"targets: {targets}"

    until(120, "target flask-app UP", complaint)
    proof.saw("target flask-app UP")
