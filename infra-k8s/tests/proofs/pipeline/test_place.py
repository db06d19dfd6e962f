from collections.abc import Mapping
from pathlib import Path

import pytest

from proofs.pipeline.place import TOOLS, Place
from proofs.settings import MissingSetting


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """All that has to be set, on a machine that has every tool but a scanner."""
    for name in ("kubeconfig", "app/Dockerfile", "infra/helm/flask-app/Chart.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr("shutil.which", lambda tool: tool if tool in TOOLS else None)
    return {
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "REGISTRY": "localhost:5001",
        "APP_DIR": str(tmp_path / "app"),
        "INFRA_DIR": str(tmp_path / "infra"),
    }


def test_what_is_not_set_has_a_default(environment: Mapping[str, str]) -> None:
    read = Place.from_environment(environment)
    assert (read.namespace, read.image) == ("flask-app", "localhost:5001/flask-app/flask-app")
    assert (read.platforms, read.record) == ("linux/amd64,linux/arm64", "environments/minikube/image.yaml")


def test_without_a_scanner_nothing_is_scanned_unless_asked_for(environment: Mapping[str, str]) -> None:
    assert Place.from_environment(environment).scan == "0"
    assert Place.from_environment({**environment, "SCAN": "1"}).scan == "1"


@pytest.mark.parametrize("name", ["KUBECONFIG", "REGISTRY", "APP_DIR", "INFRA_DIR", "PULL_REGISTRY"])
def test_a_wrong_setting_is_named(name: str, environment: Mapping[str, str]) -> None:
    wrong = "" if name == "REGISTRY" else "/wrong"
    with pytest.raises(MissingSetting, match=name):
        Place.from_environment({**environment, name: wrong})


def test_all_missing_tools_are_named_at_once(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda tool: None)
    with pytest.raises(MissingSetting, match="not on PATH: git, make, docker, cosign, crane, helm, kubectl"):
        Place.from_environment(environment)
