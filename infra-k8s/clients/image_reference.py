"""The name of an image by digest."""

import re
from dataclasses import dataclass

from clients.errors import ClientFailed

PATTERN = re.compile(
    r"(?P<registry>[a-z0-9.-]+(:\d+)?)/(?P<owner>[a-z0-9_-]+)/(?P<name>[a-z0-9._-]+)@(?P<digest>sha256:[0-9a-f]{64})"
)


class InvalidReference(ClientFailed):
    """A text names no image by digest; the message is one line that says how to write it."""


@dataclass(frozen=True)
class ImageReference:
    """An image that no tag can move: registry, owner, name and digest."""

    registry: str
    owner: str
    name: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "ImageReference":
        """Read `registry/owner/name@sha256:…`; raise InvalidReference for anything else.

        An owner on GitHub may have capitals, an image name may not: they are lowered.
        """
        found = PATTERN.fullmatch(text.lower())
        if found is None:
            raise InvalidReference(f"{text!r}: name it by digest, as registry/owner/name@sha256:<64 hex digits>")
        return cls(found["registry"], found["owner"], found["name"], found["digest"])

    @property
    def repository(self) -> str:
        """Return the name without the digest."""
        return f"{self.registry}/{self.owner}/{self.name}"

    @property
    def on_loopback(self) -> bool:
        """Return whether the registry may speak plain HTTP, by docker's own rule."""
        return self.registry.startswith(("127.0.0.1:", "localhost:"))

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"
