"""What Kubernetes would refuse, in each version that the chart supports."""

from functools import cache
from typing import Any

import jsonschema
from referencing import Registry, Resource

from helm.kubernetes import schema


def violations(version: str, found: dict[str, Any]) -> list[str]:
    """Return what Kubernetes of that version would refuse, unknown fields included."""
    errors = _validator(version, found["apiVersion"], found["kind"]).iter_errors(found)
    return [f"{found['kind']} {'.'.join(map(str, error.path))}: {error.message}" for error in errors]


@cache
def _validator(version: str, api: str, kind: str) -> jsonschema.Draft202012Validator:
    group, _, name = api.rpartition("/")
    file = "-".join(filter(None, (kind.lower(), group.split(".")[0], name)))
    return jsonschema.Draft202012Validator(schema(version, file), registry=_registry(version))


@cache
def _registry(version: str) -> Registry[Any]:
    definitions: Resource[Any] = Resource.from_contents(schema(version, "_definitions"))
    registry: Registry[Any] = Registry()
    return definitions @ registry
