"""Where a Grafana is or Docker runs, it is started with data source and dashboard; where none is, one line says so."""

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from local import grafana
from local.chart_target import ChartTarget
from local.grafana import ABSENT, Grafana
from local.process_group import ProcessGroup
from local.stack import Stack
from tests.local.conftest import Start, left

# What Grafana's own sample files of provisioning name.
SOURCE_KEYS = {"name", "type", "access", "url", "isDefault"}
PROVIDER_KEYS = {"name", "type", "options"}
Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a function that installs a script; nothing else is on PATH but /usr/bin and /bin, without Docker."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "bin" / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "docker").chmod(0o755)

    def install(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return install


def test_neither_grafana_nor_a_running_docker_is_none(program: Program) -> None:
    assert Grafana.find() is None


def test_docker_that_hangs_is_none(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grafana, "DOCKER_SECONDS", 0.2)
    program("docker", "exec sleep 60")
    assert Grafana.find() is None


def test_nobody_has_to_have_it(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("docker", "exit 0")
    monkeypatch.setenv("GRAFANA", "0")
    assert Grafana.find() is None


@pytest.mark.parametrize("place", ["share/grafana", "."])
@pytest.mark.parametrize("name", ["grafana", "grafana-server"])
def test_installed_grafana_is_found_with_its_files(program: Program, tmp_path: Path, name: str, place: str) -> None:
    program(name, "exit 0")
    home = (tmp_path / place).resolve()
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "defaults.ini").touch()
    assert Grafana.find() == Grafana(home)


def test_grafana_without_its_files_is_not_taken(program: Program) -> None:
    program("grafana", "exit 0")
    assert Grafana.find() is None


def test_docker_serves_on_the_loopback_alone(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("docker", "exit 0")
    found = Grafana.find()
    assert found == Grafana()
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert "GF_SERVER_HTTP_ADDR=127.0.0.1" in found.command(tmp_path, 3001)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert "127.0.0.1:3001:3001" in found.command(tmp_path, 3001)


@pytest.mark.parametrize("found", [Grafana(Path("/usr/share/grafana")), Grafana()], ids=["installed", "Docker"])
def test_provisioning_has_the_keys_of_grafanas_samples(found: Grafana, tmp_path: Path) -> None:
    found.provision(tmp_path, 9091)
    sources = yaml.safe_load((tmp_path / "provisioning/datasources/prometheus.yaml").read_text())
    providers = yaml.safe_load((tmp_path / "provisioning/dashboards/flask-app.yaml").read_text())
    assert sources["apiVersion"] == providers["apiVersion"] == 1
    ((source,), (provider,)) = sources["datasources"], providers["providers"]
    assert source.keys() == SOURCE_KEYS
    assert source["url"].endswith(":9091")
    assert provider.keys() == PROVIDER_KEYS
    (dashboard,) = Path(provider["options"]["path"]).iterdir()
    shown = json.loads(dashboard.read_text())
    assert shown["uid"] == "flask-app"
    assert all("kube_" not in each["query"] for each in shown["templating"]["list"])


def test_image_is_the_grafana_of_the_generated_dashboard() -> None:
    requirements = (Path(grafana.__file__).parents[1] / "requirements.in").read_text()
    assert f"!{grafana.IMAGE.partition(':')[2]} " in requirements


@pytest.mark.parametrize("ends", [False, True])
def test_up_runs_with_a_grafana_and_without_one(start: Start, server: None, tmp_path: Path, ends: bool) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "defaults.ini").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").write_text(f'#!/bin/sh\nenv >"{tmp_path}/ran"\n{"exit 1" if ends else "sleep 60"}\n')
    (tmp_path / "bin" / "grafana").chmod(0o755)
    up = start("GRAFANA_PORT=39871", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert "http://localhost:39871/d/flask-app" in up.until_up()
    assert "GF_SERVER_HTTP_PORT=39871\n" in (tmp_path / "ran").read_text()
    up.process.terminate()
    up.end()
    assert left(up.mark) == {}


def test_line_that_says_what_would_bring_it_fits_a_terminal() -> None:
    assert len(f"│ application │ {ABSENT} │") <= 80


def test_grafana_server_alone_serves(program: Program, tmp_path: Path) -> None:
    served = program("grafana-server", "exit 0")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "defaults.ini").touch()
    found = Grafana.find()
    assert found
    assert found.command(tmp_path, 3000)[0] == str(served)


def test_port_that_another_part_has_keeps_only_grafana_away(program: Program, tmp_path: Path) -> None:
    program("docker", "exit 0")
    stack = Stack(tmp_path, ChartTarget.render(), port=3000, prometheus_port=9090, grafana_port=3000)
    with ProcessGroup() as extra:
        assert "GRAFANA_PORT=<another port>" in stack.start_grafana(extra, tmp_path)
        assert extra.first_ended() is None
