"""Missing settings are named in one line, before anything is touched."""

from pathlib import Path

import pytest

from proofs.settings import MissingSetting, Settings


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "Dockerfile").touch()
    (tmp_path / "kubeconfig").touch()
    return {"KUBECONFIG": str(tmp_path / "kubeconfig"), "REGISTRY": "localhost:5001", "APP_DIR": str(tmp_path)}


def test_the_registry_is_pulled_from_where_it_is_pushed_to(environment: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_environment(environment)
    assert (settings.push_registry, settings.pull_registry) == ("localhost:5001", "localhost:5001")
    assert settings.app_dir == tmp_path
    assert settings.platforms == "linux/amd64,linux/arm64"
    assert not settings.names_resolve_by_path


def test_nodes_may_know_the_registry_by_another_name(environment: dict[str, str]) -> None:
    environment |= {"PULL_REGISTRY": "registry.example:5000", "IMAGE_NAMES_RESOLVE_BY_PATH": "1"}
    settings = Settings.from_environment(environment)
    assert (settings.push_registry, settings.pull_registry) == ("localhost:5001", "registry.example:5000")
    assert settings.names_resolve_by_path


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("KUBECONFIG", "", "KUBECONFIG is not set"),
        ("KUBECONFIG", "/nowhere", "KUBECONFIG='/nowhere' is no file"),
        ("REGISTRY", "", "REGISTRY is not set"),
        ("APP_DIR", "", "APP_DIR='' holds no Dockerfile"),
        ("APP_DIR", "/nowhere", "APP_DIR='/nowhere' holds no Dockerfile"),
    ],
)
def test_a_missing_setting_is_named(
    environment: dict[str, str],
    name: str,
    value: str,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where kubectl's default configuration would be
    with pytest.raises(MissingSetting, match=line) as missing:
        Settings.from_environment(environment | {name: value})
    assert "\n" not in str(missing.value)
