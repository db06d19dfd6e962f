"""An interrupt loses nothing: the tool ends by itself, and the next run goes on with what it left."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.minikube.conftest import Laptop, expected


def history(*states: str) -> tuple[int, str]:
    """Answer as `helm history` does."""
    return 0, json.dumps([{"revision": number, "status": state} for number, state in enumerate(states, start=1)])


@pytest.mark.parametrize(
    ("states", "freed"),
    [
        (["pending-install"], "uninstall {0} --kube-context minikube -n {0} --wait"),
        (["deployed", "uninstalling"], "uninstall {0} --kube-context minikube -n {0} --wait"),
        (["superseded", "deployed", "pending-upgrade"], "rollback {0} 2 --kube-context minikube -n {0}"),
        (["deployed", "failed", "pending-rollback"], "rollback {0} 1 --kube-context minikube -n {0}"),
        (["superseded", "deployed", "failed"], ""),
        (["failed"], ""),
    ],
)
def test_release_of_an_interrupted_helm_is_freed_first(
    laptop: Laptop, app: Path, states: list[str], freed: str
) -> None:
    laptop.answers["helm history"] = history(*states)
    assert laptop.run("up", "--app-dir", str(app)).returncode == 0
    commands = []
    for each in expected(app):
        if freed and each[:3] == ["helm", "upgrade", "--install"]:
            commands.append(["helm", *freed.format(each[3]).split()])
        commands.append(each)
    assert laptop.commands == commands


def test_interrupt_lets_the_tool_finish_and_says_how_to_go_on(laptop: Laptop, app: Path, tmp_path: Path) -> None:
    (laptop.bin / "minikube").write_text(
        f"#!/bin/bash\ntrap 'sleep 0.3; echo tidied; exit 1' TERM\ntouch {tmp_path}/begun\nsleep 60 & wait\n"
    )
    with laptop.start("up", "--app-dir", str(app), path=os.environ["PATH"]) as process:
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out.endswith("tidied\n")
    assert errors.splitlines()[-1] == "minikube: interrupted; the same command goes on from here"
