"""A release under test: inject a fault, wait for the doctor's diagnosis, apply the fix."""

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
from proofs.drills.drills import Create, Edit, Fault, Misspell, OtherArchitecture, Values
from proofs.image import Image
from proofs.settings import Settings
from scrape_doctor.chain import Examined, diagnosis, unsettled
from scrape_doctor.errors import CannotExamine
from scrape_doctor.examination import examine
from scrape_doctor.finding import State
from scrape_doctor.scope import Scope

TOKEN = "drills-fault-token"
# Short intervals: a drill waits for probes, scrapes and evaluations.
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
AGREEING = 2  # diagnoses in a row that must be equal
# Causes that hold for a moment during a change: pods start and stop, Prometheus has not loaded its configuration yet.
TRANSIENT = {
    *("pod-not-ready", "pods-not-created", "crash-loop", "probe-port-refused"),
    *("target-fresh", "target-missing", "target-incomplete", "monitor-not-loaded"),
}


@dataclass
class ReleaseUnderTest:
    """A Helm release with the values that make its chain healthy."""

    namespace: str
    settings: Settings
    values: Mapping[str, object]
    release: str = "flask-app"
    monitoring: str = "monitoring"
    monitoring_namespace: str = "monitoring"

    @classmethod
    def installed(
        cls, namespace: str, settings: Settings, image: Image, values: Mapping[str, object] | None = None
    ) -> "ReleaseUnderTest":
        """Install a release and return it when the doctor finds no broken link."""
        release = cls(namespace, settings, {**QUICK, **image.values, **(values or {})})
        release.upgrade({}, wait=True)
        release.wait_until_healthy()
        return release

    @property
    def scope(self) -> Scope:
        """Return the scope that the doctor takes."""
        return Scope(self.release, self.namespace, self.monitoring, self.monitoring_namespace)

    def upgrade(self, changes: Mapping[str, object], *, chart: Path = CHART, wait: bool = False) -> None:
        """Upgrade to the healthy values with some changes."""
        pairs = [f"{key}={json.dumps(value)}" for key, value in {**self.values, **changes}.items()]
        helm(
            *("upgrade", "--install", self.release, str(chart), "-n", self.namespace, "--reset-values"),
            *(part for pair in pairs for part in ("--set-json", pair)),
            *(("--wait", "--timeout", "120s") if wait else ()),
        )

    def inject(self, fault: Fault) -> None:
        """Inject a fault."""
        match fault:
            case Values(values):
                self.upgrade(values)
            case Edit(kind, patch, _, name):
                self.patch(kind, name, patch)
            case Create(manifest):
                namespaced = {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}}
                kr8s.objects.object_from_spec(namespaced).create()
            case OtherArchitecture(platform):
                self.upgrade({**self.push_image_for(platform), "image.digest": ""})
            case Misspell(metric, wrong):
                self.rename_metric(metric, wrong)

    def apply_fix(self, fix: str) -> None:
        """Run the doctor's own command with this chart; where it also offers a rollback, run the rollback."""
        command = fix.rpartition("or go back: ")[2].replace("<chart>", str(CHART))
        subprocess.run(shlex.split(command), check=True, capture_output=True, text=True)

    def remove(self, fault: Fault) -> None:
        """Remove a fault that was injected."""
        match fault:
            case Values() | OtherArchitecture():
                self.upgrade({})
            case Edit("PrometheusRule", _, _, name):
                groups = self.get("PrometheusRule", name).raw["spec"]["groups"]
                self.patch("PrometheusRule", name, [{"op": "remove", "path": f"/spec/groups/{len(groups) - 1}"}])
            case Edit(kind, _, undo, name):
                self.patch(kind, name, undo)
            case Create(manifest):
                self.get(manifest["kind"], manifest["metadata"]["name"]).delete()
            case Misspell(metric, wrong):
                self.rename_metric(wrong, metric)

    def get(self, kind: str, name: str) -> Any:
        """Return one live object."""
        return next(iter(kr8s.get(kind, name, namespace=self.namespace)))

    def patch(self, kind: str, name: str, patch: list[dict[str, Any]]) -> None:
        """Apply a JSON Patch to a live object."""
        self.get(kind, name).patch(patch, type="json")

    def rename_metric(self, old: str, new: str) -> None:
        """Rename a metric in the queries of the dashboard."""
        data = self.get("ConfigMap", DASHBOARD).raw["data"]
        self.get("ConfigMap", DASHBOARD).patch(
            {"data": {k: v.replace(f"{old}{{", f"{new}{{") for k, v in data.items()}}
        )

    def push_image_for(self, platform: str) -> dict[str, object]:
        """Push an image index with one platform only, and return the values that run it."""
        path = "drills/other-architecture"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
            command = ("docker", "buildx", "build", "--platform", platform, "--provenance=mode=min", "--push")
            subprocess.run(
                [*command, "-t", f"{self.settings.push_registry}/{path}:1", folder], check=True, capture_output=True
            )
        return {"image.repository": f"{self.settings.pull_registry}/{path}", "image.tag": "1"}

    def examine(self) -> list[Examined]:
        """Run the doctor."""
        return examine(self.scope)

    def wait_for_target_loss(self) -> None:
        """Wait until Prometheus has no target of the release."""
        with prometheus_client() as prometheus:

            def complaint() -> str:
                return str(prometheus.targets(self.release, self.namespace) or "")

            until(CONFIGURED, "the loss of the target", complaint)

    def wait_for_diagnosis(self, cause: str) -> Examined:
        """Wait until the doctor names this cause alone, twice in a row.

        Raises:
            AssertionError: if it does not. Until it does, transient causes may repeat, and any other wrong
                cause may appear once, but not twice in a row.
        """
        examined: list[Examined] = []
        wrong_before: set[str] = set()
        times, deadline = 0, time.monotonic() + CONFIGURED
        while time.monotonic() < deadline:
            examined = self.examine()
            times = times + 1 if causes(examined) == [cause] else 0
            if times == AGREEING and (first := diagnosis(examined)) is not None:
                return first
            wrong = set(causes(examined)) - {cause} - TRANSIENT
            if repeated := wrong & wrong_before:
                raise AssertionError(f"{self.namespace}: expected {cause}, not {repeated}: {messages(examined)}")
            wrong_before = wrong
            time.sleep(2)
        raise AssertionError(f"expected {cause} alone; the doctor names {causes(examined)}: {messages(examined)}")

    def wait_until_healthy(self) -> None:
        """Wait until the doctor finds no broken link."""
        examined: list[Examined] = []
        deadline = time.monotonic() + CONFIGURED
        while time.monotonic() < deadline:
            try:
                examined = self.examine()
            except CannotExamine:
                continue
            if diagnosis(examined) is None and not unsettled(examined):
                return
            time.sleep(2)
        raise AssertionError(f"the chain did not become healthy: {messages(examined)}")


def causes(examined: list[Examined]) -> list[str]:
    """Return the causes of the broken links."""
    return [each.finding.cause for each in examined if each.finding.state is State.BROKEN]


def messages(examined: list[Examined]) -> str:
    """Return the messages and observations of the broken links."""
    return "; ".join(
        f"{e.finding.message} {e.finding.observations}" for e in examined if e.finding.state is State.BROKEN
    )
