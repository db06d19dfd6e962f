"""Releases, as commands for whichever Helm there is: a recorder stands in for the binary."""

import json
from pathlib import Path

import pytest

from clients.helm import CHART, HelmFailed, Release, helm, rollback_flag

RECORDER = """#!/bin/sh
[ "$1" = version ] && echo "$HELM_VERSION" && exit
[ "$1" = test ] && echo "Error: no such release" >&2 && exit 1
printf '%s\\n' "$@" >"$RECORD"
"""


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the arguments of the last helm command, one a line."""
    recorder = tmp_path / "helm"
    recorder.write_text(RECORDER)
    recorder.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    monkeypatch.setenv("HELM_VERSION", "v4.2.3+gabc")
    rollback_flag.cache_clear()
    return tmp_path / "record"


@pytest.mark.parametrize(
    ("version", "flag"), [("v3.19.0+g1", "--atomic"), ("v4.2.3+g1", "--rollback-on-failure")], ids=["helm 3", "helm 4"]
)
def test_a_failed_upgrade_is_rolled_back(
    record: Path, monkeypatch: pytest.MonkeyPatch, version: str, flag: str
) -> None:
    monkeypatch.setenv("HELM_VERSION", version)
    Release("somewhere").upgrade({}, timeout="25s")
    arguments = record.read_text().splitlines()
    assert arguments[:6] == ["upgrade", "--install", "flask-app", str(CHART), "--namespace", "somewhere"]
    assert {flag, "--wait"} <= set(arguments)
    assert arguments[arguments.index("--timeout") + 1] == "25s"


def test_values_keep_their_types(record: Path) -> None:
    values = {"image.tag": "0.10", "networkPolicy.enabled": True, "replicaCount": 3, "podAnnotations": {"a": "b"}}
    Release("somewhere").upgrade(values)
    arguments = record.read_text().splitlines()
    pairs = [arguments[i + 1].split("=", 1) for i, name in enumerate(arguments) if name == "--set-json"]
    assert {name: json.loads(value) for name, value in pairs} == values


def test_helms_own_words_reach_the_reader(record: Path) -> None:
    with pytest.raises(HelmFailed, match="no such release"):
        Release("somewhere").test()


def test_a_missing_helm_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HelmFailed, match="helm is not on PATH"):
        helm("version")
