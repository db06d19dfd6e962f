"""The name of an image by digest: what every step of a delivery is told."""

import re
from dataclasses import dataclass

PATTERN = re.compile(
    r"(?P<registry>[a-z0-9.-]+(:\d+)?)/(?P<owner>[a-z0-9_-]+)/(?P<name>[a-z0-9._-]+)@(?P<digest>sha256:[0-9a-f]{64})"
)


class Refused(ValueError):
    """A step is not done; the message is one line that says why."""


@dataclass(frozen=True)
class Reference:
    """An image that nothing can move: registry, owner, name and digest."""

    registry: str
    owner: str
    name: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `registry/owner/name@sha256:…`; raise Refused for anything else.

        An owner on GitHub may have capitals, an image name may not.
        """
        found = PATTERN.fullmatch(text.lower())
        if found is None:
            raise Refused(f"{text!r}: name it by digest, as registry/owner/name@sha256:<64 hex digits>")
        return cls(found["registry"], found["owner"], found["name"], found["digest"])

    @property
    def repository(self) -> str:
        """Return the name without the digest."""
        return f"{self.registry}/{self.owner}/{self.name}"

    def require(self, trusted: str) -> None:
        """Raise Refused unless it lies in the one repository, registry/owner/name, whose images may be deployed."""
        if self.repository != trusted.lower():
            raise Refused(f"{self}: only images of {trusted} are trusted here (TRUSTED_IMAGE)")

    @property
    def on_loopback(self) -> bool:
        """Say whether the registry may speak plain http: docker's own rule."""
        return self.registry.startswith(("127.0.0.1:", "localhost:"))

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"
