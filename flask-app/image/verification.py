"""Verify a published image with public data only: `make published`.

Each check raises Refused with one line that says why, or returns a description for people.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from image import index, test_result
from image.command import Refused, run

NAME = re.compile(r"(?P<registry>[a-z0-9.-]+(:\d+)?)/(?P<owner>[a-z0-9_-]+)/(?P<name>[a-z0-9._-]+)@sha256:[0-9a-f]{64}")
INSPECT = ("docker", "buildx", "imagetools", "inspect")
GITHUB = "https://token.actions.githubusercontent.com"
# The type of a signature by `cosign sign`.
SIGNED = "https://sigstore.dev/cosign/sign/v1"
# The answers of registries to a client that is not logged in, as buildx and cosign report them.
NOT_PUBLIC = re.compile(r"\b(401 unauthorized|403 forbidden|unauthorized:|denied:|authorization failed)", re.IGNORECASE)
HOW_TO_MAKE_PUBLIC = (
    "The registry shows this image to nobody without a login. On ghcr.io a package is private at its first push:"
    " make it public in the settings of the package, then run this again (docs/first-push.md, line 4)."
)
DIRECT_DEPENDENCIES = Path(__file__).resolve().parent.parent / "requirements.in"


@dataclass(frozen=True)
class Image:
    """An image by digest, and the public key of its signer; without a key the signer is its repository's workflow."""

    name: str
    public_key: str = ""

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise Refused("name it by digest, as registry/owner/name@sha256:<64 hex digits>, in lower case")

    @property
    def signer(self) -> str:
        """Return the signer that is required, for people."""
        return f"the key of {self.public_key}" if self.public_key else "the workflow of its repository"

    @property
    def signer_arguments(self) -> list[str]:
        """Return cosign's arguments that require the signer."""
        named = NAME.fullmatch(self.name)
        assert named is not None
        # The rule of docker itself: a registry on loopback may speak plain http.
        plain = ["--allow-http-registry"] if named["registry"].startswith(("127.0.0.1:", "localhost:")) else []
        if self.public_key:
            return ["--key", self.public_key, "--insecure-ignore-tlog", *plain]
        # GitHub keeps the case of owner and name, a registry has lower case only. Everything else is case-sensitive.
        repository = f"(?i:{re.escape(named['owner'])}/{re.escape(named['name'])})"
        workflow = rf"https://github\.com/{repository}/\.github/workflows/ci\.yaml"
        identity = f"^{workflow}@refs/(heads/main|tags/v.+)$"
        return ["--certificate-identity-regexp", identity, "--certificate-oidc-issuer", GITHUB, *plain]

    def read(self, field: str, wanted: list[str]) -> dict[str, Any]:
        """Return a field of the image by platform, as buildx reads it from the registry."""
        found = json.loads(run(*INSPECT, self.name, "--format", f"{{{{json {field}}}}}")) or {}
        # For an image of a single platform buildx leaves that platform's name out.
        return found if set(wanted) & set(found) else {wanted[0]: found}

    def cosign(self, *command: str) -> str:
        """Return the output of cosign; raise Refused, with its reason, if it found nothing by the signer."""
        return run("cosign", *command, *self.signer_arguments, self.name)


def platforms(image: Image, wanted: list[str]) -> str:
    """Refuse an image unless it has exactly the wanted platforms, each with an attestation manifest."""
    found = index.parse(run(*INSPECT, "--raw", image.name))
    if sorted(found.platforms) != sorted(wanted):
        has = ", ".join(sorted(found.platforms)) or "no index of platforms"
        raise Refused(f"it is to run on {', '.join(sorted(wanted))}, but it has {has}")
    if found.unattested:
        raise Refused(f"it has neither SBOM nor provenance for {', '.join(found.unattested)}")
    return ", ".join(sorted(found.platforms))


def signature(image: Image) -> str:
    """Refuse an image without a signature of the signer."""
    try:
        found = json.loads(image.cosign("verify"))
    except Refused as refusal:
        raise Refused(f"not signed by {image.signer}: {refusal}") from None
    # An attestation is signed too, so cosign lists it.
    if SIGNED not in [each["critical"]["type"] for each in found]:
        raise Refused(f"not signed by {image.signer}, only attested")
    return f"by {image.signer}"


def attestation(image: Image, wanted: list[str]) -> str:
    """Refuse an image without the signer's attestation that it passed all tests; return the attested commit."""
    try:
        output = image.cosign("verify-attestation", "--type", test_result.TYPE)
    except Refused as refusal:
        raise Refused(f"no test result attested by {image.signer}: {refusal}") from None
    for line in output.splitlines():
        if commit := attested_commit(line, wanted):
            return commit
    raise Refused(f"no attestation says that it passed check and test and starts on {', '.join(wanted)}")


def attested_commit(envelope: str, wanted: list[str]) -> str | None:
    """Return the commit that passed everything by this attestation; None if the attestation does not say so."""
    try:
        predicate = json.loads(base64.b64decode(json.loads(envelope)["payload"]))["predicate"]
        missing = {"check", "test", *(f"starts on {name}" for name in wanted)} - set(predicate["passedTests"])
        if predicate["result"] == "PASSED" and not missing:
            return str(predicate["configuration"][0]["digest"]["gitCommit"])
    except (LookupError, TypeError, ValueError):
        # A signed attestation need not have the form of a test result.
        return None
    return None


def revision(image: Image, wanted: list[str], attested: str) -> str:
    """Refuse an image whose label names another commit than the attested one."""
    for platform, built in image.read(".Image", wanted).items():
        labels = built.get("config", {}).get("Labels") or {}
        label = labels.get("org.opencontainers.image.revision", "none")
        if label != attested:
            raise Refused(f"tests were attested for commit {attested}, but on {platform} it says it is {label}")
    return attested


def sbom(image: Image, wanted: list[str]) -> str:
    """Refuse an image whose SBOM lacks a direct dependency of the application."""
    listed = image.read(".SBOM", wanted)
    counts = []
    for platform in wanted:
        packages = listed.get(platform, {}).get("SPDX", {}).get("packages", [])
        names = {package["name"].lower().replace("_", "-") for package in packages}
        if missing := set(DIRECT_DEPENDENCIES.read_text().split()) - names:
            raise Refused(f"the SBOM for {platform} does not list {', '.join(sorted(missing))}")
        counts.append(f"{len(packages)} packages on {platform}")
    return ", ".join(counts)


def provenance(image: Image, wanted: list[str]) -> str:
    """Refuse an image whose provenance lacks the steps of the build."""
    found = image.read(".Provenance", wanted)
    for platform in wanted:
        slsa = found.get(platform, {}).get("SLSA", {})
        definition = slsa.get("buildDefinition", slsa)
        if not (definition.get("internalParameters") or definition).get("buildConfig"):
            raise Refused(f"the provenance for {platform} does not hold the steps of the build (mode=max)")
    return "base image, arguments and steps of the build"


def verify(image: Image, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each check and its description; raise Refused at the first that fails."""
    yield "platforms", platforms(image, wanted)
    yield "signature", signature(image)
    commit = attestation(image, wanted)
    yield "attestation", "checked, tested and started on every platform"
    yield "commit", revision(image, wanted, commit)
    yield "SBOM", sbom(image, wanted)
    yield "provenance", provenance(image, wanted)


def main() -> int:
    """Print a table of the checks that passed; return 0 if all did."""
    parser = argparse.ArgumentParser(prog="python -m image.verification", description=__doc__)
    parser.add_argument("image", help="registry/owner/name@sha256:…")
    parser.add_argument("--platforms", required=True, help="linux/amd64,…")
    parser.add_argument("--public-key", default="", help="of the key pair that signed; unset: a workflow did")
    options = parser.parse_args()
    try:
        image = Image(options.image, options.public_key)
        print(f"| {options.image} | |\n|---|---|")
        for check, description in verify(image, options.platforms.split(",")):
            print(f"| {check} | {description} |", flush=True)
    except Refused as refusal:
        print(f"refused: {options.image}: {refusal}", file=sys.stderr)
        if NOT_PUBLIC.search(str(refusal)):
            print(HOW_TO_MAKE_PUBLIC, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
