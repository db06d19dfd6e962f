"""The index that an image's digest names: which platforms it has, and which of them something is attested about."""

import json
from dataclasses import dataclass

# BuildKit keeps SBOM and provenance of a platform in a manifest beside it, which refers to it by digest.
KIND = "vnd.docker.reference.type"
SUBJECT = "vnd.docker.reference.digest"


@dataclass(frozen=True)
class Index:
    """Manifest digests by platform, and those of them that have an attestation manifest beside them."""

    platforms: dict[str, str]
    attested: frozenset[str]

    @property
    def bare(self) -> list[str]:
        """Return the platforms about which nothing is attested."""
        return sorted(name for name, digest in self.platforms.items() if digest not in self.attested)


def parse(text: str) -> Index:
    """Read an OCI or Docker index; a manifest of a single platform is an index of none."""
    platforms: dict[str, str] = {}
    attested: set[str] = set()
    for manifest in json.loads(text).get("manifests", []):
        annotations = manifest.get("annotations", {})
        if annotations.get(KIND) == "attestation-manifest":
            attested.add(annotations[SUBJECT])
        else:
            platform = manifest["platform"]
            platforms[f"{platform['os']}/{platform['architecture']}"] = manifest["digest"]
    return Index(platforms, frozenset(attested))
