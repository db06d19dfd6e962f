"""Query a registry for the platforms of an image, anonymously and with GETs alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
DOCKER_HUB = "registry-1.docker.io"
ANSWER_SECONDS = 4.0  # a registry that only the nodes can reach must not hold us up


@dataclass(frozen=True)
class Reference:
    """An image's name in its parts."""

    host: str
    path: str
    version: str

    @classmethod
    def parse(cls, image: str) -> "Reference":
        """Read a name as a container runtime does: without a host it is Docker Hub's, without a version `latest`."""
        name, _, digest = image.partition("@")
        tag = re.search(r":([^/:]+)$", name)
        name = name[: tag.start()] if tag else name
        host, slash, path = name.partition("/")
        if not slash or not ("." in host or ":" in host or host == "localhost"):
            host, path = "docker.io", name if slash else f"library/{name}"
        version = digest or (tag[1] if tag else "latest")
        return cls(DOCKER_HUB if host == "docker.io" else host, path, version)

    @property
    def url(self) -> str:
        """Return where the registry's API has it; this machine's own registries speak HTTP, as runtimes assume."""
        own = self.host.partition(":")[0] in ("localhost", "127.0.0.1")
        return f"{'http' if own else 'https'}://{self.host}/v2/{self.path}"


async def platforms(images: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the platforms of each image as `linux/arm64`, where its registry answers us."""
    found: dict[str, tuple[str, ...]] = {}
    images = list(images)
    if not images:  # a client reads every certificate of the machine first
        return found
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=True) as client:
        for image in images:
            try:
                found[image] = await _platforms_of(client, Reference.parse(image))
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError):
                continue  # not readable for us: the kubelet's message has to be enough
    return found


async def _platforms_of(client: httpx.AsyncClient, reference: Reference) -> tuple[str, ...]:
    """Return one image's platforms: those of its index, or the one of a bare manifest.

    Raises:
        httpx.HTTPError: if the registry does not answer, or not us.
        ValueError, KeyError: if its answer is no manifest.
    """
    manifest = await _get(client, f"{reference.url}/manifests/{reference.version}")
    if "manifests" in manifest:
        built = [entry.get("platform") or {} for entry in manifest["manifests"]]
    else:
        built = [await _get(client, f"{reference.url}/blobs/{manifest['config']['digest']}")]
    names = {f"{each.get('os')}/{each.get('architecture')}" for each in built}
    return tuple(sorted(names - {"unknown/unknown", "None/None"}))


async def _get(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """Return a JSON document, with the token that anybody gets where one is asked for."""
    headers = {"Accept": ", ".join(INDEXES + MANIFESTS)}
    answer = await client.get(url, headers=headers)
    if answer.status_code == 401:
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers.get("WWW-Authenticate", "")))
        token = await client.get(challenge.pop("realm"), params=challenge)
        granted = token.raise_for_status().json()
        headers["Authorization"] = f"Bearer {granted.get('token') or granted['access_token']}"
        answer = await client.get(url, headers=headers)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document
