"""Run the walkthrough's commands unedited, then every other command on the pages that needs a cluster."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.helm import Release
from clients.namespaces import NamespaceTaken, temporary_namespace
from clients.prometheus import CONFIGURED, Prometheus, until
from proofs.image import build
from proofs.recording import Proof
from proofs.settings import Settings

INFRA = Path(__file__).resolve().parents[2]
DEPLOY = "helm upgrade --install flask-app helm/flask-app -n flask-app"
FORWARD = "kubectl port-forward -n flask-app svc/flask-app 5000:5000"
SCRAPE = "curl http://localhost:5000/metrics"
REVISION = "c" * 40


@pytest.fixture(scope="module")
def deployed(settings: Settings) -> Iterator[str]:
    """The release as the walkthrough installs it, in the namespace flask-app."""
    if not settings.names_resolve_by_path:
        pytest.skip("IMAGE_NAMES_RESOLVE_BY_PATH is not 1: the chart's default image name cannot be pulled here")
    build(settings, tag="0.1.0", version="0.1.0", revision=REVISION)
    try:
        with temporary_namespace("flask-app") as namespace:
            subprocess.run(DEPLOY.split(), cwd=INFRA, check=True, capture_output=True, text=True)
            yield namespace
            Release(namespace).uninstall()
    except NamespaceTaken as taken:
        pytest.skip(str(taken))


def test_walkthrough(proof: Proof, deployed: str, prometheus: Prometheus) -> None:
    """The walkthrough's commands work unedited."""
    subprocess.run(
        ["kubectl", "rollout", "status", "-n", deployed, "deployment/flask-app", "--timeout=90s"],
        check=True,
        capture_output=True,
    )
    proof.note(DEPLOY)
    with subprocess.Popen(FORWARD.split(), stdout=subprocess.DEVNULL) as forward:
        try:
            time.sleep(3)
            answer = subprocess.run(SCRAPE.split(), capture_output=True, text=True, check=True).stdout
            assert forward.poll() is None, "kubectl port-forward has ended: another program answered on port 5000"
        finally:
            forward.terminate()
    proof.note(f"{SCRAPE}: {len(answer.splitlines())} lines")
    assert f'revision="{REVISION}"' in answer

    def complaint() -> str:
        targets = prometheus.targets("flask-app", deployed)
        return "" if targets and all(t["health"] == "up" for t in targets) else f"targets: {targets}"

    until(CONFIGURED, "target flask-app UP", complaint)
    proof.note("target flask-app UP")


def test_pages(proof: Proof, deployed: str) -> None:
    """Every command on the pages that needs a cluster does what its page says."""
    docs = os.environ.get("DOCS_DIR")
    if not docs:
        pytest.skip(
            "DOCS_DIR is not set: it names the repository devops-portfolio-project, whose pages are checked here"
        )
    done = subprocess.run(
        ["make", "--no-print-directory", "-C", docs, "commands-cluster", f"INFRA_DIR={INFRA}"],
        capture_output=True,
        text=True,
    )
    rows = [line for line in done.stdout.splitlines() if line.rstrip("│ ").endswith(("did", "FAILED"))]
    proof.note(f"{len(rows)} blocks run")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert rows
