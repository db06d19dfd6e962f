"""Releases, through the helm binary: version 3 or 4, whichever the user has."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clients.errors import ClientFailed

CHART = Path(__file__).resolve().parent.parent / "helm" / "flask-app"
TEST_TIMEOUT = "150s"


class HelmFailed(ClientFailed):
    """Helm ended with an error; the message names the command and holds helm's output."""


def helm(*arguments: str) -> str:
    """Run helm and return what it printed; raise HelmFailed otherwise."""
    binary = shutil.which("helm")
    if binary is None:
        raise HelmFailed("helm is not on PATH: install it (https://helm.sh/docs/intro/install)")
    done = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise HelmFailed(f"helm {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@cache
def rollback_flag() -> str:
    """Return the flag that undoes a failed upgrade: it was renamed in Helm 4."""
    return "--atomic" if helm("version", "--short").startswith("v3") else "--rollback-on-failure"


@dataclass(frozen=True)
class Release:
    """One release of the chart in one namespace."""

    namespace: str
    name: str = "flask-app"
    chart: Path = CHART

    def upgrade(self, values: Mapping[str, object], *, timeout: str = "120s") -> None:
        """Install or upgrade and wait; a failure is rolled back by Helm and raised as HelmFailed."""
        pairs = [part for key, value in values.items() for part in ("--set-json", f"{key}={json.dumps(value)}")]
        helm(
            *("upgrade", "--install", self.name, str(self.chart), "--namespace", self.namespace),
            *(rollback_flag(), "--wait", "--timeout", timeout, "--history-max", "10"),
            *pairs,
        )

    def test(self) -> str:
        """Run the chart's own tests and return their log; they are given more time than they give themselves."""
        return helm("test", self.name, "--namespace", self.namespace, "--logs", "--timeout", TEST_TIMEOUT)

    def rollback(self, *, timeout: str = "120s") -> None:
        """Return to the revision before the present one and wait."""
        helm("rollback", self.name, "--namespace", self.namespace, "--wait", "--timeout", timeout)

    def history(self) -> list[dict[str, Any]]:
        """Return the revisions, oldest first."""
        found: list[dict[str, Any]] = json.loads(
            helm("history", self.name, "--namespace", self.namespace, "-o", "json")
        )
        return found

    def uninstall(self) -> None:
        """Remove the release and wait until its objects are gone."""
        helm("uninstall", self.name, "--namespace", self.namespace, "--wait", "--ignore-not-found")
