"""The command: one clear line and status 2 where nothing can be examined."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scrape_doctor import report
from scrape_doctor.__main__ import main
from scrape_doctor.chain import walk
from scrape_doctor.examination import Examination
from tests.scrape_doctor.world import healthy

INFRA = Path(__file__).resolve().parents[2]
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {token: t}}]
"""


@pytest.mark.parametrize(
    ("kubeconfig", "words"), [(KUBECONFIG, "the cluster cannot be reached"), ("", "no usable kubeconfig")]
)
def test_no_cluster_is_one_line_and_status_2(
    kubeconfig: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config"
    if kubeconfig:
        file.write_text(kubeconfig)
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert main(["--release", "a", "--namespace", "b"]) == 2
    printed = capsys.readouterr().err
    assert words in printed
    assert printed.count("\n") == 1


def test_json_has_a_row_for_every_link_and_no_diagnosis_when_whole() -> None:
    world = healthy("umbrella")
    answer = json.loads(report.as_json([Examination(world.scope, walk(world.snapshot()))]))
    assert answer["schemaVersion"] == 1
    assert set(answer["links"][0]) == {"link", "state", "cause", "message", "observations", "fix", "lastingFix"}
    assert answer["whole"] is True
    assert answer["diagnosis"] is None
    assert len(answer["links"]) == len(walk(world.snapshot()))


@pytest.mark.parametrize("output", ["table", "json"])
def test_an_unexpected_error_is_one_line_and_no_diagnosis(
    output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the credential plugin\nfailed")

    monkeypatch.setattr("scrape_doctor.__main__.examine_when_loaded", fail)
    assert main(["--release", "a", "--namespace", "b", "--output", output]) == 2
    printed = capsys.readouterr()
    assert printed.err == "doctor: RuntimeError: the credential plugin failed\n"
    assert printed.out == (
        '{"schemaVersion": 1, "error": "RuntimeError: the credential plugin failed"}\n' if output == "json" else ""
    )


# A shell that runs the tests in the background has its children ignore the signal, until they say otherwise.
INTERRUPTIBLE = """
import signal, sys
from scrape_doctor.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("output", ["table", "json"])
def test_an_interrupt_is_one_line_and_status_130(output: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        file.write_text(KUBECONFIG.replace("127.0.0.1:9", f"127.0.0.1:{silent.getsockname()[1]}"))
        command = [sys.executable, "-c", INTERRUPTIBLE, "--all", "--output", output]
        environment = {**os.environ, "KUBECONFIG": str(file), "NO_PROXY": "127.0.0.1"}
        with subprocess.Popen(
            command, cwd=INFRA, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as doctor:
            connection, _ = silent.accept()  # now it waits for an answer
            with connection:
                doctor.send_signal(signal.SIGINT)
                printed, told = doctor.communicate(timeout=60)
    assert told == "doctor: interrupted\n"
    assert printed == ('{"schemaVersion": 1, "error": "interrupted"}\n' if output == "json" else "")
    assert doctor.returncode == 130
