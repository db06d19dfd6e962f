"""The schemas of the Kubernetes versions that the chart supports."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
from kubernetes_validate.utils import all_versions, major_minor
from referencing import Registry, Resource

OLDEST = (1, 30)  # Chart.yaml: kubeVersion
VERSIONS = [version for version in all_versions() if tuple(map(int, major_minor(version).split("."))) >= OLDEST]


def violations(version: str, found: dict[str, Any]) -> list[str]:
    """Return what Kubernetes of that version would refuse, unknown fields included."""
    errors = _validator(version, found["apiVersion"], found["kind"]).iter_errors(found)
    return [f"{found['kind']} {'.'.join(map(str, error.path))}: {error.message}" for error in errors]


@cache
def _validator(version: str, api: str, kind: str) -> jsonschema.Draft202012Validator:
    group, _, name = api.rpartition("/")
    file = "-".join(filter(None, (kind.lower(), group.split(".")[0], name)))
    return jsonschema.Draft202012Validator(_schema(version, file), registry=_registry(version))


@cache
def _registry(version: str) -> Registry[Any]:
    definitions: Resource[Any] = Resource.from_contents(_schema(version, "_definitions"))
    registry: Registry[Any] = Registry()
    return definitions @ registry


def _schema(version: str, name: str) -> dict[str, Any]:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}-local-strict"
    schema: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return schema
