"""The generated files."""

import json
from collections.abc import Callable
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from monitoring.dashboards.service import service

GENERATORS: dict[str, Callable[[], Dashboard]] = {"flask-app.json": service}


def contents() -> dict[str, str]:
    """Generate every dashboard; the same code gives the same bytes."""
    return {
        name: json.dumps(generate(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, generate in GENERATORS.items()
    }


def write_all(folder: Path) -> list[Path]:
    """Write every dashboard into `folder` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in contents().items():
        path = folder / name
        path.write_text(content)
        written.append(path)
    return written
