"""The script of `make deploy`, with a python and a helm that only write down what they are told."""

import os
import subprocess
from pathlib import Path

import pytest

from release.environments import ENVIRONMENTS

ROOT = ENVIRONMENTS.parent


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Return the file of what was called; both programs fail where the variable FAILING begins their arguments."""
    record = tmp_path / "record"
    program = f"""#!/bin/sh
echo "$(basename "$0") $*" >>{record}
case "$(basename "$0") $*" in "$FAILING"*) exit 1 ;; esac
"""
    (tmp_path / "bin").mkdir()
    for path in (tmp_path / "bin" / "python", tmp_path / "helm"):
        path.write_text(program)
        path.chmod(0o755)
    return record


def deploy(record: Path, failing: str = "nothing", **variables: str) -> tuple[int, list[str]]:
    """Run the script and return its exit status and what was called."""
    environment = {"PATH": f"{record.parent}:{os.environ['PATH']}", "VENV": str(record.parent), "FAILING": failing}
    done = subprocess.run(["scripts/deploy"], cwd=ROOT, env={**environment, **variables}, capture_output=True)
    return done.returncode, record.read_text().splitlines()


def test_release_is_prepared_upgraded_and_tested_in_this_order(recorded: Path) -> None:
    status, calls = deploy(recorded)
    assert status == 0
    assert [" ".join(call.split()[:3]) for call in calls] == [
        "python -m release",
        "helm upgrade --install",
        "helm test flask-app",
    ]
    assert {"--atomic", "--wait"} <= set(calls[1].split())
    assert calls[1].endswith("--values environments/minikube/values.yaml --values environments/minikube/image.yaml")


def test_nothing_is_upgraded_that_may_not_be(recorded: Path) -> None:
    assert deploy(recorded, "python -m release prepare") == (1, ["python -m release prepare"])


def test_release_that_fails_its_tests_is_rolled_back(recorded: Path) -> None:
    status, calls = deploy(recorded, "helm test")
    assert (status, calls[-1]) == (1, "python -m release rollback")


def test_failed_upgrade_is_left_to_helm(recorded: Path) -> None:
    status, calls = deploy(recorded, "helm upgrade")
    assert (status, len(calls)) == (1, 2)


def test_variables_are_arguments_and_nothing_more(recorded: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hostile = f"x$(touch {mark}) --y"
    _, calls = deploy(recorded, NAMESPACE=hostile, RELEASE=hostile, ENVIRONMENT=hostile, DEPLOY_TIMEOUT=hostile)
    assert f"--namespace {hostile} " in calls[1]
    assert not mark.exists()
