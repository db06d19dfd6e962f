"""Verify an image before it is deployed: whose it is, who signed it, which commit was tested.

The only rule of its kind here. Cosign itself is run by clients/cosign.py.
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from clients import registry
from clients.cosign import VerificationFailed, cosign
from clients.image_reference import ImageReference
from release.refused import Refused

GITHUB = "https://token.actions.githubusercontent.com"
# The type of what `cosign sign` signs.
SIGNED = "https://sigstore.dev/cosign/sign/v1"
# in-toto's own "Test Result"; the application's CI attests it with the commit that was tested.
TESTED = "https://in-toto.io/attestation/test-result/v0.1"


def verify(image: ImageReference, public_key: str = "", revision: str = "", trusted: str = "") -> str:
    """Return the commit that was tested; raise Refused or ClientFailed where signature or attestation do not hold.

    With `revision` the tested commit must be that one. Without a key anybody can sign an image of their own: there
    `trusted` has to name the repository whose images may be deployed. The image has to have been started on every
    platform of its index.
    """
    if trusted:
        require_trusted(image, trusted)
    elif not public_key:
        raise Refused("TRUSTED_IMAGE is not set: without a key, say whose images are trusted, as registry/owner/name")
    commits = attested_commits(image, public_key)
    if revision and revision not in commits:
        raise Refused(f"{image}: attestation: commit {', '.join(sorted(commits))} was tested, not {revision}")
    return revision or sorted(commits)[0]


def require_trusted(image: ImageReference, trusted: str) -> None:
    """Raise Refused unless the image is in `trusted`, the only repository whose images may be deployed."""
    if image.repository != trusted.lower():
        raise Refused(
            f"{image}: only images of {trusted} are trusted here (TRUSTED_IMAGE; "
            "the application's docs/first-push.md, line 2)"
        )


def attested_commits(image: ImageReference, public_key: str = "") -> list[str]:
    """Return the commits whose tests are attested to have passed; raise ClientFailed where none is.

    The image has to be signed. Its attestation has to say that check and tests passed, and that the image starts on
    every platform of its index. Both have to be made with the key, or without one by the workflow of the image's
    repository.
    """
    identity = identity_arguments(image, public_key)
    signatures = json.loads(cosign(image, "signature", ["verify", *identity, str(image)]))
    # An attestation is signed as well, so cosign counts it in.
    if SIGNED not in [each["critical"]["type"] for each in signatures]:
        raise VerificationFailed(f"{image}: signature: there is none by who may publish it, only an attestation")
    attested = cosign(image, "attestation", ["verify-attestation", "--type", TESTED, *identity, str(image)])
    platforms = registry.platforms(image)
    commits = list(dict.fromkeys(commits_passed(attested, platforms)))
    if not commits:
        raise VerificationFailed(
            f"{image}: attestation: none says that the tests of a commit passed and that it starts on "
            f"{', '.join(platforms)}"
        )
    return commits


def identity_arguments(image: ImageReference, public_key: str = "") -> list[str]:
    """Return cosign's arguments for who must have signed: the repository's CI on main or a tag, or a key."""
    plain = ["--allow-http-registry"] if image.on_loopback else []
    if public_key:
        return ["--key", public_key, "--insecure-ignore-tlog", *plain]
    # GitHub keeps the case that an owner was registered with; a registry has lower case only. A branch called Main is
    # another one than main, and may be less protected.
    repository = f"(?i:{re.escape(f'{image.owner}/{image.name}')})"
    workflow = re.escape("/.github/workflows/ci.yaml")
    identity = rf"^https://github\.com/{repository}{workflow}@refs/(heads/main|tags/v.+)$"
    return ["--certificate-identity-regexp", identity, "--certificate-oidc-issuer", GITHUB, *plain]


def commits_passed(attestations: str, platforms: Sequence[str]) -> Iterator[str]:
    """Yield the commits whose tests passed on all platforms, from verified attestations as cosign prints them."""
    required = {"check", "test", *(f"starts on {platform}" for platform in platforms)}
    for line in attestations.splitlines():
        statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(line)["payload"]))
        predicate = statement["predicate"]
        if statement["predicateType"] != TESTED or predicate.get("result") != "PASSED":
            continue
        if required <= set(predicate.get("passedTests") or []):
            sources = predicate.get("configuration", [])
            yield from (source["digest"]["gitCommit"] for source in sources if "gitCommit" in source.get("digest", {}))
