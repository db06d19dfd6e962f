"""`make up`: everything up in Prometheus's own words, and nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from cluster.prometheus import Prometheus, until
from local.scrape import Charted
from tests.local.conftest import REPOSITORY, Up, gone


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
    charted = Charted.render()
    api = Prometheus(f"http://127.0.0.1:{up.prometheus_port}")
    (target,) = api.targets(charted.job, "flask-app")
    groups = api.rule_groups()
    until(10, "traffic", lambda: "" if api.query('http_requests_total{route="/api/info"} > 0') else "nothing counted")
    api.close()
    assert target["health"] == "up"
    assert target["scrapeUrl"] == f"http://127.0.0.1:{up.port}{charted.path}"
    assert groups, "the chart's rules are loaded"
    family = up.family()
    assert len(family) >= 4  # gunicorn, its worker, Prometheus, traffic; and what honcho reads them with

    up.process.send_signal(signal.SIGINT)

    assert up.end() == (0, "")
    assert gone(family) == []


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_start_leaves_no_process(up: Up, signum: signal.Signals) -> None:
    while not (family := up.family()):
        assert up.process.poll() is None
    up.process.send_signal(signum)
    up.end()
    assert gone(family) == []


def test_a_dead_child_stops_all_and_is_named(up: Up) -> None:
    up.until_up()
    family = up.family()
    (server,) = [each for each in family if each.name() == "prometheus"]

    server.send_signal(signal.SIGKILL)

    status, errors = up.end()
    assert status == 1
    assert "prometheus ended with status -9" in errors
    assert "Server is ready to receive web requests" in errors
    assert gone(family) == []


@pytest.mark.parametrize("variable", ["PORT", "PROMETHEUS_PORT"])
def test_taken_port_is_named_with_its_holder(app_dir: str, free_port: Callable[[], int], variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        taken = held.getsockname()[1]
        ports = {"PORT": free_port(), "PROMETHEUS_PORT": free_port()} | {variable: taken}
        line = refused(
            *("--app-dir", app_dir, "--port", str(ports["PORT"])),
            *("--prometheus-port", str(ports["PROMETHEUS_PORT"])),
        )
    assert line.startswith(f"up: port {taken} is taken by ")
    assert f"(process {os.getpid()})" in line
    assert f"make up {variable}=" in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--app-dir", ""], "up: APP_DIR is not set: make up APP_DIR=<folder of flask-app>\n"),
        (["--app-dir", "/nowhere"], "up: APP_DIR=/nowhere: no application there (gunicorn.conf.py is missing)\n"),
    ],
)
def test_a_missing_application_is_one_line(arguments: list[str], said: str) -> None:
    assert refused(*arguments) == said
