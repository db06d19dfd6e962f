"""What an upgrade must not move, as the previous chart version rendered it: `python -m tests.chart.golden` keeps it.

To be run when a version of the chart has been released, and never to silence the test: what differs from the file
restarts every pod of every release on upgrade, or, in a selector, makes the upgrade impossible.
"""

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from helm.render import CHART, Object, render
from helm.values_files import ALL

FILE = Path(__file__).with_name("golden.json")
KINDS = ("Deployment", "Service", "PodDisruptionBudget", "ServiceMonitor")
FEATURES = ("default", "faults", "labels", "traffic", "autoscaling", "environment cluster", "environment minikube")


def identity(objects: list[Object]) -> list[list[Any]]:
    """Return names, selectors and pod templates; of the traffic's script nothing, which may restart that one pod."""
    found = [
        [each["kind"], each["metadata"]["name"], each["spec"].get("selector"), each["spec"].get("template")]
        for each in copy.deepcopy(objects)
        if each["kind"] in KINDS
    ]
    for *_, template in found:
        ((template or {}).get("metadata", {}).get("annotations") or {}).pop("checksum/script", None)
    return found


def rendered(name: str) -> list[list[Any]]:
    """Return what a feature's release is known by, whatever image an environment runs today."""
    return identity(render({key: value for key, value in ALL[name].items() if key != "image"}))


def golden() -> dict[str, Any]:
    """Return what the file holds: the chart's version, and the identity of each feature's objects."""
    kept: dict[str, Any] = json.loads(FILE.read_text())
    return kept


def main() -> None:
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
    kept = {"version": version, **{name: rendered(name) for name in FEATURES}}
    FILE.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
