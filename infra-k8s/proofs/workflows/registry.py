"""What a registry holds of an image: its tags, and for which platforms each was built."""

from dataclasses import dataclass

import httpx

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"  # a chart's
# cosign keeps signatures under such a tag where a registry has no API for them.
SIGNATURES = "sha256-"


@dataclass(frozen=True)
class Repository:
    """A repository of a registry on this machine, as host:port/owner/name."""

    name: str

    @property
    def url(self) -> str:
        """Return where its API is."""
        host, _, path = self.name.partition("/")
        return f"http://{host}/v2/{path}"

    def tags(self) -> dict[str, str]:
        """Return the digest of each tag that people see; nothing where the repository does not exist."""
        answer = httpx.get(f"{self.url}/tags/list")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        names = answer.raise_for_status().json()["tags"] or []
        return {name: self.digest(name) for name in names if not name.startswith(SIGNATURES)}

    def digest(self, tag: str) -> str:
        """Return the digest that a tag names."""
        answer = httpx.head(
            f"{self.url}/manifests/{tag}", headers={"Accept": f"{INDEX}, {MANIFEST}"}
        ).raise_for_status()
        return str(answer.headers["Docker-Content-Digest"])

    def platforms(self, digest: str) -> set[str]:
        """Return the platforms that an index has an image for."""
        index = httpx.get(f"{self.url}/manifests/{digest}", headers={"Accept": INDEX}).raise_for_status().json()
        named = {f"{m['platform']['os']}/{m['platform']['architecture']}" for m in index.get("manifests", [])}
        return named - {"unknown/unknown"}  # what is said about an image is no image
