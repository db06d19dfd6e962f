"""Whether an image was signed, and its tests attested, by the workflow, or the key, that may publish it."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from release.reference import Reference, Refused

GITHUB = "https://token.actions.githubusercontent.com"
# The type of what `cosign sign` signs.
SIGNED = "https://sigstore.dev/cosign/sign/v1"
# in-toto's own "Test Result"; the application's CI attests it with the commit that was tested.
TESTED = "https://in-toto.io/attestation/test-result/v0.1"
PATIENCE = 120  # seconds
# What cosign's words come to, the more telling ones first.
MEANINGS = {
    "artifact digest does not match": "made for another image: this one was altered",
    "no signatures found": "there is none: nobody signed it",
    "signatures do not match threshold": "made by somebody else than who may publish it",
    "expected identities matched": "made by somebody else than who may publish it",
    "matched the predicate type": "there is none by who may publish it that its tests passed",
}


def verify(image: Reference, public_key: str = "", revision: str = "", trusted: str = "") -> str:
    """Return the commit that was tested where signature and attestation hold; raise Refused otherwise.

    With `revision` the tested commit must be that one. Anybody can sign his own image without a key: there `trusted`
    has to name the repository whose images may be deployed.
    """
    if trusted:
        image.require(trusted)
    elif not public_key:
        raise Refused("TRUSTED_IMAGE is not set: without a key, say whose images are trusted, as registry/owner/name")
    by = signer(image, public_key)
    signatures = json.loads(cosign(image, "signature", ["verify", *by, str(image)]))
    # An attestation is signed as well, so cosign counts it in.
    if SIGNED not in [each["critical"]["type"] for each in signatures]:
        raise Refused(f"{image}: signature: there is none by who may publish it, only an attestation")
    attested = cosign(image, "attestation", ["verify-attestation", "--type", TESTED, *by, str(image)])
    commits = set(commits_passed(attested))
    if not commits:
        raise Refused(f"{image}: attestation: none says that the tests of a commit passed")
    if revision and revision not in commits:
        raise Refused(f"{image}: attestation: commit {', '.join(sorted(commits))} was tested, not {revision}")
    return revision or sorted(commits)[0]


def signer(image: Reference, public_key: str) -> list[str]:
    """Return cosign's arguments that say who must have signed: the owner's CI on main or a tag, or a key."""
    plain = ["--allow-http-registry"] if image.on_loopback else []
    if public_key:
        return ["--key", public_key, "--insecure-ignore-tlog", *plain]
    # GitHub keeps the case that an owner was registered with; a registry has lower case only. A branch called Main is
    # another one than main, and may be less protected.
    repository = f"(?i:{re.escape(f'{image.owner}/{image.name}')})"
    workflow = re.escape("/.github/workflows/ci.yaml")
    identity = rf"^https://github\.com/{repository}{workflow}@refs/(heads/main|tags/v.+)$"
    return ["--certificate-identity-regexp", identity, "--certificate-oidc-issuer", GITHUB, *plain]


def commits_passed(attestations: str) -> Iterator[str]:
    """Yield the commits of which verified attestations, as cosign prints them, say that their tests passed."""
    for line in attestations.splitlines():
        statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(line)["payload"]))
        predicate = statement["predicate"]
        if statement["predicateType"] == TESTED and predicate.get("result") == "PASSED" and complete(predicate):
            sources = predicate.get("configuration", [])
            yield from (source["digest"]["gitCommit"] for source in sources if "gitCommit" in source.get("digest", {}))


def complete(predicate: dict[str, Any]) -> bool:
    """Tell whether a test result covers what has to pass: the check, the tests, and a start on some platform."""
    passed = predicate.get("passedTests") or []
    return {"check", "test"} <= set(passed) and any(str(each).startswith("starts on ") for each in passed)


def cosign(image: Reference, what: str, arguments: list[str]) -> str:
    """Run cosign and return what it printed; raise Refused with its reason otherwise."""
    binary = shutil.which("cosign")
    if binary is None:
        raise Refused("cosign is not on PATH, so nothing can be verified: install it (https://docs.sigstore.dev)")
    try:
        done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as late:
        raise Refused(f"{image}: {what}: cosign had no answer within {PATIENCE} s") from late
    if done.returncode != 0:
        raise Refused(f"{image}: {what}: {reason(done.stderr)}")
    return done.stdout


def reason(words: str) -> str:
    """Return one line that says why: in plain words where we know them, then in cosign's."""
    said = [line for line in words.splitlines() if line.strip() and not line.startswith("WARNING")]
    errors = [line for line in said if line.lower().startswith("error")]
    line = next(iter(errors or said), "cosign gave no reason")
    meant = next((meaning for part, meaning in MEANINGS.items() if part in words), "")
    return f"{meant} ({line})" if meant else line
