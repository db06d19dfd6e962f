"""The index of an image: its platforms, and which of them have an attestation manifest."""

import json
from dataclasses import dataclass

# BuildKit keeps SBOM and provenance of a platform in another manifest, which refers to it by digest.
KIND = "vnd.docker.reference.type"
SUBJECT = "vnd.docker.reference.digest"


@dataclass(frozen=True)
class Index:
    """Manifest digests by platform, and the digests that have an attestation manifest."""

    platforms: dict[str, str]
    attested: frozenset[str]

    @property
    def unattested(self) -> list[str]:
        """Return the platforms without an attestation manifest."""
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
