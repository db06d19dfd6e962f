"""Render the chart with Helm's own engine: no cluster, no network, no helm binary."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart, lint

CHART = Path(__file__).parent / "flask-app"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML was built with it: ten times as fast

Values = Mapping[str, Any]
Object = dict[str, Any]


@cache
def loaded(path: Path = CHART) -> Chart:
    """Load the chart; its files are read once per process."""
    return Chart.load(path)


def render(
    values: Values | None = None, *, release: str = "flask-app", namespace: str = "", chart: Path = CHART
) -> list[Object]:
    """Return the objects of one release, in a namespace of the same name unless another is given.

    Raises:
        helm_python.HelmError: if the schema refuses the values or a template fails.
    """
    given = dict(values or {})
    loaded(chart).validate_schema(given)
    files = loaded(chart).render(given, name=release, namespace=namespace or release)
    manifests = (text for path, text in sorted(files.items()) if path.endswith(".yaml"))
    return [found for text in manifests for found in yaml.load_all(text, Loader=_LOADER) if found]


def notes(values: Values | None = None) -> str:
    """Return what Helm prints after an install."""
    return loaded().render(dict(values or {}), name="flask-app", namespace="flask-app")["flask-app/templates/NOTES.txt"]


def complaints(values: Values | None = None, *, chart: Path = CHART) -> list[str]:
    """Return everything that `helm lint --strict` has to say, mere remarks included."""
    report = lint(chart, dict(values or {}), strict=True, namespace="flask-app")
    return [*report["errors"], *(message["error"] for message in report["messages"])]
