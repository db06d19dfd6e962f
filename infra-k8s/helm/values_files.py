"""The values files that every check of the chart covers: one per feature, one per environment."""

from pathlib import Path
from typing import Any

import yaml

from helm.render import CHART

ENVIRONMENTS = Path(__file__).resolve().parents[1] / "environments"


def feature(name: str) -> dict[str, Any]:
    """Return the values of ci/<name>-values.yaml."""
    values: dict[str, Any] = yaml.safe_load((CHART / "ci" / f"{name}-values.yaml").read_text())
    return values


def environment(name: str) -> dict[str, Any]:
    """Return the values of an environment: its own, then the image that runs in it."""
    files = (ENVIRONMENTS / name / each for each in ("values.yaml", "image.yaml"))
    return {key: value for file in files for key, value in yaml.safe_load(file.read_text()).items()}


FEATURES = sorted(file.name.removesuffix("-values.yaml") for file in (CHART / "ci").glob("*-values.yaml"))
ALL = {name: feature(name) for name in FEATURES} | {
    f"environment {folder.name}": environment(folder.name) for folder in ENVIRONMENTS.iterdir()
}
