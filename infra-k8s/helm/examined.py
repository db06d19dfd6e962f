"""Examine the manifests of every values file as `scrape-doctor --manifests` does: `python -m helm.examined`.

A part of `make check`: a broken link between the chart's own objects is named before anything is applied.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from helm.render import render
from helm.values_files import ALL
from scrape_doctor.examination import Examination, examine_text

MONITORING = {"release": "monitoring"}  # what the stack's Prometheus wants, and the chart's default


def examine(name: str) -> list[Examination]:
    """Return the examinations of one values file's manifests; none where nothing of them is scraped."""
    things = render(ALL[name])
    if not any(thing["kind"] == "ServiceMonitor" for thing in things):
        return []
    wanted = ",".join(f"{key}={value}" for key, value in labels(ALL[name]).items())
    return examine_text(yaml.safe_dump_all(things), name, "flask-app", wanted)


def labels(values: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the labels that a values file gives its ServiceMonitor, for a Prometheus that wants them."""
    given: Mapping[str, str] = (values.get("serviceMonitor") or {}).get("labels") or MONITORING
    return given


def broken() -> Iterator[str]:
    """Yield one line for each broken link, with the values file that brings it about."""
    for name in ALL:
        for examination in examine(name):
            if (found := examination.diagnosis) is not None:
                yield f"{name}: {examination.scope.target}: {found.finding.cause}: {found.finding.message}"


if __name__ == "__main__":
    complaints = list(broken())
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(bool(complaints))
