"""Kubernetes' own schemas, of each version that the chart supports, and what of them the chart's schema borrows."""

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from kubernetes_validate.utils import all_versions, major_minor

Schema = dict[str, Any]

OLDEST = (1, 30)  # Chart.yaml: kubeVersion
VERSIONS = [
    version for version in dict.fromkeys(all_versions()) if tuple(map(int, major_minor(version).split("."))) >= OLDEST
]

# Where the chart takes less than Kubernetes: the volumes that the `restricted` Pod Security Standard allows, and of the
# metadata of a volume claim what people write.
KEPT = {
    "io.k8s.api.core.v1.Volume": (
        *("name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"),
        *("persistentVolumeClaim", "projected", "secret"),
    ),
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": ("annotations", "labels"),
}


def schema(version: str, name: str) -> Schema:
    """Return one of a version's schemas, closed at every level."""
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}-local-strict"
    found: Schema = json.loads((folder / f"{name}.json").read_text())
    return found


def referred(node: Schema) -> list[str]:
    """Return the names of Kubernetes' definitions that a schema refers to."""
    return re.findall(r'"#/definitions/(io\.k8s\.[^"]+)"', json.dumps(node))


def definitions(names: Iterable[str]) -> dict[str, Schema]:
    """Return the newest version's definitions of these names, and of all that those refer to."""
    known: dict[str, Schema] = schema(VERSIONS[-1], "_definitions")["$defs"]
    for name, kept in KEPT.items():
        known[name]["properties"] = {key: known[name]["properties"][key] for key in kept}
    found: dict[str, Schema] = {}
    wanted = list(names)
    while wanted:
        if (name := wanted.pop()) not in found:
            found[name] = _plain(known[name])
            wanted += referred(found[name])
    return dict(sorted(found.items()))


def _plain(node: Any) -> Any:
    """Return a definition as draft 7 writes it, and without what is for people or for the API server only."""
    match node:
        case {"$ref": reference}:
            return {"$ref": reference.replace("#/$defs/", "#/definitions/")}
        case {"oneOf": [*ways]}:  # text or a number
            return {"type": list(dict.fromkeys(each for way in ways for each in way["type"]))}
        case dict():
            kept = {key: node[key] for key in ("type", "required") if key in node}
            if "properties" in node:
                kept["properties"] = {name: _plain(each) for name, each in node["properties"].items()}
            return kept | {key: _plain(node[key]) for key in ("items", "additionalProperties") if key in node}
    return node
