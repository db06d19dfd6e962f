"""Helm's own records of a release: Secrets, or ConfigMaps where Helm was told so."""

import base64
import binascii
import gzip
import json
from collections.abc import Mapping
from typing import Any

from scrape_doctor.evidence import HelmRelease
from scrape_doctor.objects import Object


def decode(record: Object) -> HelmRelease:
    """Read one of Helm's records: base64 (twice in a Secret), gzip, JSON."""
    labels = record["metadata"]["labels"]
    packed = str(record["data"]["release"])
    try:
        if record.get("kind") == "Secret" or not packed.startswith("H4sI"):
            packed = base64.b64decode(packed).decode()
        content: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    except (binascii.Error, OSError, ValueError):
        return HelmRelease(int(labels["version"]), str(labels.get("status", "unknown")))
    chart = content.get("chart") or {}
    meta = chart.get("metadata") or {}
    return HelmRelease(
        revision=int(labels["version"]),
        status=str(labels.get("status", "unknown")),
        chart=f"{meta.get('name', '')} {meta.get('version', '')}".strip(),
        values=merged(chart.get("values") or {}, content.get("config") or {}),
    )


def merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a release's own values over the chart's defaults."""
    result = dict(defaults)
    for key, value in own.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result
