"""The input of the steps: read once from the environment, where no shell takes a value for a command.

`python -m release.inputs NAME…` checks single variables for the scripts. Exit status: 0 they are right, 1 one is not.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from release.refused import Refused

NAME = (
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    "a name of lower-case letters, digits and dashes, as Kubernetes takes it",
)
NUMBER = (r"[0-9]{1,6}(\.[0-9]{1,3})?", "a number, as 120 or 0.5")
# A leading dash would be an option of the program that gets the value.
WORD = (r"[^-\s]\S*", "one word that begins with no dash")
COMMIT = (r"[0-9a-f]{40}", "a commit's 40 hex digits")
# Each variable: its form, what that is called, and its default.
RULES: dict[str, tuple[str, str, str]] = {
    "ACTION": (r"deploy|rollback", "one of deploy, rollback", "deploy"),
    "IMAGE": (r"\S+@\S+", "an image by digest, as registry/owner/name@sha256:<64 hex digits>", ""),
    "REVISION": (*COMMIT, ""),
    "COMMIT": (*WORD, ""),
    "TESTED": (r"[01]", "0 or 1", "0"),
    "DEPLOY_RUN": (r"[0-9]+/[0-9]+", "the number of a workflow run and its attempt, as 123/1", ""),
    "ENVIRONMENT": (r"[a-z0-9-]+", "a folder of environments/", "minikube"),
    "TRUSTED_IMAGE": (r"[^-\s/][^\s/]*/[^\s/]+/[^\s/@]+", "a repository of images, as registry/owner/name", ""),
    "COSIGN_PUBLIC_KEY": (r"[^-].*", "a file or a key reference of cosign", ""),
    "TAG": (*WORD, ""),
    "PUSH": (*WORD, ""),
    "BRANCH": (*WORD, "main"),
    "RECORDED_ON": (*WORD, ""),
    "SINCE": (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)", "a time with its zone, as 2026-11-30T12:00:00Z", ""),
    "NAMESPACE": (*NAME, "flask-app"),
    "RELEASE": (*NAME, "flask-app"),
    "MONITORING_NAMESPACE": (*NAME, "monitoring"),
    "MONITORING_RELEASE": (*NAME, "monitoring"),
    "DEPLOY_TIMEOUT": (r"([0-9]+[hms])+", "a duration, as 5m or 90s", "5m"),
    "WATCH_SECONDS": (*NUMBER, "120"),
    "RATE": (*NUMBER, "20"),
    "ROLLBACK": (r"[01]", "0 or 1", "1"),
    "GITHUB_OUTPUT": (r"[^-].*", "the file for what a step hands on", ""),
}


@dataclass(frozen=True)
class Inputs:
    """The variables that one step uses, by name; one that is not set has its default."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str], names: Iterable[str]) -> "Inputs":
        """Read and check the named variables; raise Refused with one line about the first that is wrong."""
        return cls({name: checked(name, environment.get(name, "")) for name in names})

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def since(self) -> datetime | None:
        """Return SINCE as a time; None where it is not set."""
        try:
            return datetime.fromisoformat(self["SINCE"]) if self["SINCE"] else None
        except ValueError as wrong:
            raise Refused(f"SINCE={self['SINCE']!r}: {wrong}") from None


def checked(name: str, value: str) -> str:
    """Return a variable's value, or its default where it is empty; raise Refused where it has not the right form."""
    form, meaning, default = RULES[name]
    if value and not re.fullmatch(form, value):
        raise Refused(f"{name}={value!r}: it must be {meaning}")
    return value or default


def main(names: Sequence[str] = tuple(sys.argv[1:]), environment: Mapping[str, str] = os.environ) -> int:
    """Check the named variables and return the exit status."""
    try:
        for name in names:
            checked(name, environment.get(name, ""))
    except Refused as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
