"""Helm's own records of a release: Secrets, or ConfigMaps where Helm is configured so."""

import base64
import binascii
import gzip
import json
from collections.abc import Mapping
from typing import Any

from kr8s.asyncio import Api

from scrape_doctor.errors import CannotExamine
from scrape_doctor.read.api import CORE, Refused, list_objects
from scrape_doctor.resources.objects import Object
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import HelmRelease
from scrape_doctor.subject import Subject


async def read(api: Api, scope: Scope, subject: Subject) -> HelmRelease:
    """Return the newest revision that Helm recorded; where its Secrets may not be read, what the objects tell.

    Raises:
        CannotExamine: if there is no such release.
    """
    params = {"labelSelector": f"owner=helm,name={scope.release}"}
    try:
        records = await list_objects(api, "secrets", CORE, scope.namespace, params)
        records = records or await list_objects(api, "configmaps", CORE, scope.namespace, params)
    except Refused as error:
        if error.status != 403:
            raise CannotExamine(f"the cluster does not list Helm's records: {error}") from error
        records = []
    if records:
        return decode(max(records, key=lambda record: int(record["metadata"]["labels"]["version"])))
    if subject.workloads or not scope.is_release:
        return HelmRelease(0, "unknown: Helm's records may not be read")
    raise CannotExamine(
        f"there is no Helm release {scope.release} in namespace {scope.namespace}; `helm list -A` shows where they are"
    )


def decode(record: Object) -> HelmRelease:
    """Decode one of Helm's records: base64 (twice in a Secret), gzip, JSON."""
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
    """Return the chart's defaults with a release's own values over them."""
    result = dict(defaults)
    for key, value in own.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result
