"""`make up`: everything up in Prometheus's own words, and nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from clients.prometheus import Prometheus, until
from local import ports
from local.chart_target import ChartTarget
from tests.local.conftest import REPOSITORY, Up, left, running


def refused(*arguments: str) -> str:
    """Return the one line with which `python -m local` refuses."""
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_target_is_up_and_one_interrupt_leaves_no_process(up: Up) -> None:
    assert f"http://localhost:{up.port}/" in up.until_up()
    target_of_chart = ChartTarget.render()
    api = Prometheus(f"http://127.0.0.1:{up.prometheus_port}")
    (target,) = api.targets(target_of_chart.job, "flask-app")
    groups = api.rule_groups()
    until(10, "traffic", lambda: "" if api.query('http_requests_total{route="/api/info"} > 0') else "nothing counted")
    api.close()
    assert target["health"] == "up"
    assert target["scrapeUrl"] == f"http://127.0.0.1:{up.port}{target_of_chart.path}"
    assert groups, "the chart's rules are loaded"
    commands = " ".join(running(up.mark).values())
    assert [each for each in ("gunicorn", "prometheus", "load.py") if each not in commands] == []

    os.killpg(up.process.pid, signal.SIGINT)

    assert up.end() == (0, "")
    assert left(up.mark) == {}


def test_a_dead_child_stops_all_and_is_named(up: Up) -> None:
    up.until_up()
    (server,) = [pid for pid, command in running(up.mark).items() if "--storage.tsdb.path" in command]

    os.kill(server, signal.SIGKILL)

    status, errors = up.end()
    assert status == 2  # make's own
    assert "prometheus ended with status -9" in errors
    assert "Server is ready to receive web requests" in errors
    assert left(up.mark) == {}


@pytest.mark.parametrize("variable", ["PORT", "PROMETHEUS_PORT"])
def test_taken_port_is_named_with_its_holder(app_dir: str, free_port: Callable[[], int], variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        taken = held.getsockname()[1]
        asked = {"PORT": free_port(), "PROMETHEUS_PORT": free_port()} | {variable: taken}
        line = refused(
            *("--app-dir", app_dir, "--port", str(asked["PORT"])),
            *("--prometheus-port", str(asked["PROMETHEUS_PORT"])),
        )
    assert line.startswith(f"up: port {taken} is taken by ")
    assert f"(process {os.getpid()})" in line
    assert f"make up {variable}=" in line
    assert line.count("\n") == 1


def test_port_that_takes_rights_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket.socket, "bind", bind)
    monkeypatch.setattr(ports, "answers", lambda port: False)
    with pytest.raises(ports.Unusable) as refusal:
        ports.require_free(80, "PORT")
    assert str(refusal.value) == (
        "port 80 takes an administrator's rights, as each below 1024 does: `make up PORT=<another port>`"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--app-dir", ""], "up: APP_DIR is not set: make up APP_DIR=<folder of flask-app>\n"),
        (["--app-dir", "/nowhere"], "up: APP_DIR=/nowhere: no application there (gunicorn.conf.py is missing)\n"),
    ],
)
def test_a_missing_application_is_one_line(arguments: list[str], said: str) -> None:
    assert refused(*arguments) == said
