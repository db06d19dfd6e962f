"""A Grafana beside the Prometheus, where one is installed or Docker runs: checked, not run.

It is no part of the chain: without it, or when it ends, the rest goes on.
"""

import json
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitoring.rules import CHART

IMAGE = "grafana/grafana:11.6.0"  # the release that the dashboard is generated for
ABSENT = "not here: install Grafana or start Docker for the dashboard"
DOCKER_SECONDS = 5
# Each with the word that makes it serve.
PROGRAMS: dict[str, list[str]] = {"grafana": ["server"], "grafana-server": []}
DASHBOARDS = CHART / "files" / "dashboards"
# kube-state-metrics, which the chart's dashboard asks for the pods, is not here.
POD_QUERY = 'label_values(app_build_info{namespace="$namespace",service="$service"}, pod)'


@dataclass(frozen=True)
class Grafana:
    """A way to start a Grafana; without `home`, by Docker."""

    home: Path | None = None

    @classmethod
    def find(cls) -> "Grafana | None":
        """Return the installed one, else Docker's where its daemon answers; None without either, or with GRAFANA=0."""
        if os.environ.get("GRAFANA") == "0":
            return None
        for name in PROGRAMS:
            if program := shutil.which(name):
                root = Path(program).resolve().parents[1]
                # Homebrew's and the packages' place, then that of the unpacked archive.
                for home in (root / "share" / "grafana", root):
                    if (home / "conf" / "defaults.ini").is_file():
                        return cls(home)
        return cls() if docker_answers() else None

    def command(self, folder: Path, port: int) -> list[str]:
        """Return the command that serves on `port` what `provision` wrote into `folder`."""
        if self.home:
            return [*self._programs()[0], "--homepath", str(self.home)]
        docker = ["docker", "run", "--rm", "--volume", f"{folder}:{folder}:ro", "--user", f"{os.getuid()}:0"]
        for name, value in self._settings(folder, port).items():
            docker += ["--env", f"{name}={value}"]
        # Only Docker on Linux shares the machine's own loopback, on which Prometheus listens.
        docker += ["--network", "host"] if _is_linux() else ["--publish", f"127.0.0.1:{port}:{port}"]
        return [*docker, IMAGE]

    def _programs(self) -> list[list[str]]:
        """Return the commands of an installed one that are there, its own first."""
        found = [(shutil.which(name, path=place), name) for place in self._places() for name in PROGRAMS]
        return [[path, *PROGRAMS[name]] for path, name in found if path]

    def _places(self) -> tuple[str, str]:
        return str(self.home / "bin") if self.home else "", os.environ.get("PATH", "")

    def environment(self, folder: Path, port: int) -> dict[str, str]:
        """Return the settings of an installed one; Docker's are in its command."""
        if self.home is None:
            return {}
        own = {f"GF_PATHS_{name.upper()}": str(folder / name) for name in ("data", "logs", "plugins")}
        return self._settings(folder, port) | own

    def _settings(self, folder: Path, port: int) -> dict[str, str]:
        return {
            "GF_PATHS_PROVISIONING": str(folder / "provisioning"),
            "GF_SERVER_HTTP_ADDR": "0.0.0.0" if self.home is None and not _is_linux() else "127.0.0.1",
            "GF_SERVER_HTTP_PORT": str(port),
            "GF_AUTH_ANONYMOUS_ENABLED": "true",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_LOG_MODE": "console",
        }

    def provision(self, folder: Path, prometheus_port: int) -> None:
        """Write the data source, the dashboards and what names them into `folder`."""
        host = "127.0.0.1" if self.home or _is_linux() else "host.docker.internal"
        source = {
            "name": "Prometheus",
            "type": "prometheus",
            "access": "proxy",
            "url": f"http://{host}:{prometheus_port}",
            "isDefault": True,
        }
        provider = {"name": "flask-app", "type": "file", "options": {"path": str(folder / "dashboards")}}
        _write(folder / "provisioning/datasources/prometheus.yaml", {"apiVersion": 1, "datasources": [source]})
        _write(folder / "provisioning/dashboards/flask-app.yaml", {"apiVersion": 1, "providers": [provider]})
        for path in DASHBOARDS.glob("*.json"):
            _write(folder / "dashboards" / path.name, without_cluster(json.loads(path.read_text())))


def docker_answers() -> bool:
    """Say whether Docker's daemon is there; one that hangs keeps nobody waiting."""
    try:
        asked = subprocess.run(["docker", "info"], capture_output=True, timeout=DOCKER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def without_cluster(dashboard: dict[str, Any]) -> dict[str, Any]:
    """Return the dashboard with its pods asked of the application's own metrics."""
    asked = {"pod": {"query": POD_QUERY}}
    variables = [each | asked.get(each["name"], {}) for each in dashboard["templating"]["list"]]
    return dashboard | {"templating": {"list": variables}}


def _is_linux() -> bool:
    return platform.system() == "Linux"


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content) if path.suffix == ".json" else yaml.safe_dump(content, sort_keys=False))
