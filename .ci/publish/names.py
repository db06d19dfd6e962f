"""The names that a published service goes by: its owner's and its own, in every form in which they are written."""

import keyword
import re
from dataclasses import dataclass

import yaml

from publish.refusal import Refusal

PLACEHOLDER = "your-github-name"
REFERENCE = "flask-app"
REPOSITORIES = (REFERENCE, "infra-k8s", "devops-portfolio-project")
LONGEST = 30

# A user whom a company manages has its short name behind an underscore.
_OWNER = re.compile(r"(?=.{1,39}$)[a-z0-9]+([-_][a-z0-9]+)*", re.IGNORECASE)
_SERVICE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAMESPACES = ("default", "monitoring")


@dataclass(frozen=True)
class Names:
    """An owner on GitHub and the service's own name.

    The name is that of objects, of a namespace and of an image (a DNS-1123 label that, as a Service's, begins with a
    letter), and part of the alerts' names in PromQL.

    Raises:
        Refusal: if one of them cannot be what it has to be.
    """

    owner: str
    service: str = REFERENCE

    def __post_init__(self) -> None:
        if not _OWNER.fullmatch(self.owner) or self.owner == PLACEHOLDER:
            raise Refusal(
                f"OWNER={self.owner!r}: must be your name on GitHub: "
                "letters, digits and single hyphens or underscores, at most 39"
            )
        if not _SERVICE.fullmatch(self.service) or len(self.service) > LONGEST:
            raise Refusal(
                f"NAME={self.service!r}: must be small letters, digits and single hyphens, "
                f"begin with a letter and have at most {LONGEST} characters"
            )
        if self.service in (*REPOSITORIES[1:], *_NAMESPACES) or self.service.startswith("kube-"):
            raise Refusal(f"NAME={self.service!r}: is a repository or a namespace already, choose another")
        if keyword.iskeyword(self.snake) or yaml.safe_load(self.service) != self.service:
            raise Refusal(f"NAME={self.service!r}: is a word of Python or YAML, choose another")

    @property
    def snake(self) -> str:
        return self.service.replace("-", "_")

    @property
    def pascal(self) -> str:
        return "".join(part.capitalize() for part in self.service.split("-"))

    @property
    def title(self) -> str:
        return self.service.replace("-", " ").capitalize()

    @property
    def repositories(self) -> tuple[str, ...]:
        """Return what the repositories are called, in the order of their folders."""
        return (self.service, *REPOSITORIES[1:])
