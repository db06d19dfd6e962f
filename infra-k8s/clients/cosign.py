"""Cosign: whether an image is signed, and its tests attested, by who may publish it. The only rule of its kind here."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

from clients import registry
from clients.errors import ClientFailed
from clients.image_reference import ImageReference

GITHUB = "https://token.actions.githubusercontent.com"
# The type of what `cosign sign` signs.
SIGNED = "https://sigstore.dev/cosign/sign/v1"
# in-toto's own "Test Result"; the application's CI attests it with the commit that was tested.
TESTED = "https://in-toto.io/attestation/test-result/v0.1"
TIMEOUT_SECONDS = 120
# What cosign's errors mean, the more specific ones first.
MEANINGS = {
    "artifact digest does not match": "made for another image: this one was altered",
    "no signatures found": "there is none: nobody signed it",
    "signatures do not match threshold": "made by somebody else than who may publish it",
    "expected identities matched": "made by somebody else than who may publish it",
    "matched the predicate type": "there is none by who may publish it that its tests passed",
}


class VerificationFailed(ClientFailed):
    """An image is not verified; the message names it and says what is missing."""


def verify(image: ImageReference, public_key: str = "") -> list[str]:
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


def cosign(image: ImageReference, subject: str, arguments: list[str]) -> str:
    """Run cosign and return what it printed; raise VerificationFailed with its reason otherwise."""
    binary = shutil.which("cosign")
    if binary is None:
        raise VerificationFailed(
            "cosign is not on PATH, so nothing can be verified: install it (https://docs.sigstore.dev)"
        )
    try:
        done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise VerificationFailed(f"{image}: {subject}: cosign had no answer within {TIMEOUT_SECONDS} s") from late
    if done.returncode != 0:
        raise VerificationFailed(f"{image}: {subject}: {reason(done.stderr)}")
    return done.stdout


def reason(errors: str) -> str:
    """Return one line that says why cosign failed: in plain words where they are known, then in cosign's."""
    lines = [line for line in errors.splitlines() if line.strip() and not line.startswith("WARNING")]
    first = next(iter([line for line in lines if line.lower().startswith("error")] or lines), "cosign gave no reason")
    meaning = next((meaning for part, meaning in MEANINGS.items() if part in errors), "")
    return f"{meaning} ({first})" if meaning else first
