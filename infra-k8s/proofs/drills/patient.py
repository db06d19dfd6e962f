"""The release that is drilled: how it is broken, how the doctor sees it, how it is mended."""

import json
import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kr8s

from clients.helm import CHART, helm
from clients.monitoring import prometheus_client
from clients.prometheus import CONFIGURED, until
from proofs.drills.drills import Break, Create, Edit, ForeignIndex, Misspell, Values
from proofs.image import Image
from proofs.settings import Settings
from scrape_doctor import snapshot
from scrape_doctor.__main__ import examine
from scrape_doctor.chain import Examined, diagnosis
from scrape_doctor.evidence import Names
from scrape_doctor.finding import State

TOKEN = "drills-and-nothing-else"
# Short everywhere: a drill waits for probes, scrapes and evaluations, not for caution.
QUICK: dict[str, object] = {
    "replicaCount": 1,
    "minReadySeconds": 0,
    "probes.startup.periodSeconds": 1,
    "probes.readiness.periodSeconds": 1,
    "shutdown.preStopSeconds": 1,
    "shutdown.drainSeconds": 1,
    "shutdown.timeoutSeconds": 3,
    "shutdown.marginSeconds": 1,
    "serviceMonitor.interval": "5s",
    "serviceMonitor.scrapeTimeout": "3s",
    "faults.enabled": True,
    "faults.token": TOKEN,
}
DASHBOARD = "flask-app-dashboard-flask-app"
STEADY = 2  # examinations in a row that must agree
# What is true for a moment while something else comes about: pods start and end, Prometheus has not heard of it yet.
PASSING = {
    *("pod-not-ready", "pods-not-created", "crash-loop", "probe-port-refused"),
    *("target-fresh", "target-missing", "target-incomplete"),
}


@dataclass
class Patient:
    """A release with the values that make it whole."""

    namespace: str
    settings: Settings
    values: Mapping[str, object]
    release: str = "flask-app"
    monitoring: str = "monitoring"
    monitoring_namespace: str = "monitoring"

    @classmethod
    def admitted(
        cls, namespace: str, settings: Settings, image: Image, values: Mapping[str, object] | None = None
    ) -> "Patient":
        """Install a release and return it once its chain is whole."""
        patient = cls(namespace, settings, {**QUICK, **image.values, **(values or {})})
        patient.upgrade({}, wait=True)
        patient.until_whole()
        return patient

    @property
    def names(self) -> Names:
        """Return what the doctor is told."""
        return Names(self.release, self.namespace, self.monitoring, self.monitoring_namespace)

    def upgrade(self, changes: Mapping[str, object], *, chart: Path = CHART, wait: bool = False) -> None:
        """Upgrade with the healthy values and some changes."""
        pairs = [f"{key}={json.dumps(value)}" for key, value in {**self.values, **changes}.items()]
        helm(
            *("upgrade", "--install", self.release, str(chart), "-n", self.namespace, "--reset-values"),
            *(part for pair in pairs for part in ("--set-json", pair)),
            *(("--wait", "--timeout", "120s") if wait else ()),
        )

    def apply(self, broken_by: Break) -> None:
        """Break it."""
        match broken_by:
            case Values(values):
                self.upgrade(values)
            case Edit(kind, there, _, name):
                self.patch(kind, name, there)
            case Create(manifest):
                placed = {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}}
                kr8s.objects.object_from_spec(placed).create()
            case ForeignIndex(platform):
                self.upgrade({**self.push_foreign(platform), "image.digest": ""})
            case Misspell(metric, wrong):
                self.respell(metric, wrong)

    def obey(self, mend: str) -> None:
        """Run the doctor's own command with the chart at hand, and the way back where it names one."""
        command = mend.rpartition("or go back: ")[2].replace("<chart>", str(CHART))
        subprocess.run(shlex.split(command), check=True, capture_output=True, text=True)

    def undo(self, broken_by: Break) -> None:
        """Undo what was done."""
        match broken_by:
            case Values() | ForeignIndex():
                self.upgrade({})
            case Edit("PrometheusRule", _, _, name):
                groups = self.get("PrometheusRule", name).raw["spec"]["groups"]
                self.patch("PrometheusRule", name, [{"op": "remove", "path": f"/spec/groups/{len(groups) - 1}"}])
            case Edit(kind, _, back, name):
                self.patch(kind, name, back)
            case Create(manifest):
                self.get(manifest["kind"], manifest["metadata"]["name"]).delete()
            case Misspell(metric, wrong):
                self.respell(wrong, metric)

    def get(self, kind: str, name: str) -> Any:
        """Return one live object."""
        return next(iter(kr8s.get(kind, name, namespace=self.namespace)))

    def patch(self, kind: str, name: str, patch: list[dict[str, Any]]) -> None:
        """Apply a JSON Patch to a live object."""
        self.get(kind, name).patch(patch, type="json")

    def respell(self, old: str, new: str) -> None:
        """Replace a word in the dashboard."""
        data = self.get("ConfigMap", DASHBOARD).raw["data"]
        self.get("ConfigMap", DASHBOARD).patch(
            {"data": {k: v.replace(f"{old}{{", f"{new}{{") for k, v in data.items()}}
        )

    def push_foreign(self, platform: str) -> dict[str, object]:
        """Push an index with one foreign platform only, and return the values that run it."""
        path = "drills/foreign"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
            command = ("docker", "buildx", "build", "--platform", platform, "--provenance=mode=min", "--push")
            subprocess.run(
                [*command, "-t", f"{self.settings.push_registry}/{path}:1", folder], check=True, capture_output=True
            )
        return {"image.repository": f"{self.settings.pull_registry}/{path}", "image.tag": "1"}

    def examine(self) -> list[Examined]:
        """Let the doctor look."""
        return examine(self.names)

    def until_untargeted(self) -> None:
        """Wait until Prometheus has no target of the release."""
        with prometheus_client() as prometheus:

            def complaint() -> str:
                return str(prometheus.targets(self.release, self.namespace) or "")

            until(CONFIGURED, "the loss of the target", complaint)

    def until_diagnosed(self, cause: str) -> Examined:
        """Wait until the doctor names the cause and nothing else, twice in a row; raise with its last words otherwise.

        Until then it may say what a cluster on its way there looks like (PASSING), and must blame nothing else twice.
        """
        examined: list[Examined] = []
        blamed: set[str] = set()
        times, deadline = 0, time.monotonic() + CONFIGURED
        while time.monotonic() < deadline:
            examined = self.examine()
            times = times + 1 if breaks(examined) == [cause] else 0
            if times == STEADY and (first := diagnosis(examined)) is not None:
                return first
            wrong = set(breaks(examined)) - {cause} - PASSING
            if again := wrong & blamed:
                raise AssertionError(f"{self.namespace}: {cause} was meant, {again} was blamed: {said(examined)}")
            blamed = wrong
            time.sleep(2)
        raise AssertionError(f"expected {cause} alone; the doctor says {breaks(examined)}: {said(examined)}")

    def until_whole(self) -> None:
        """Wait until the doctor finds every link whole."""
        examined: list[Examined] = []
        deadline = time.monotonic() + CONFIGURED
        while time.monotonic() < deadline:
            try:
                examined = self.examine()
            except snapshot.CannotExamine:
                continue
            if diagnosis(examined) is None:
                return
            time.sleep(2)
        raise AssertionError(f"the chain did not become whole: {said(examined)}")


def breaks(examined: list[Examined]) -> list[str]:
    """Return the causes that were named."""
    return [each.finding.cause for each in examined if each.finding.state is State.BROKEN]


def said(examined: list[Examined]) -> str:
    """Return what was said of the broken links."""
    return "; ".join(
        f"{e.finding.message} {e.finding.observations}" for e in examined if e.finding.state is State.BROKEN
    )
