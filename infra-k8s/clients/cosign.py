"""Cosign, run as a process, and what its errors mean. What it has to find is decided in release/verify.py."""

import shutil
import subprocess

from clients.errors import ClientFailed
from clients.image_reference import ImageReference

TIMEOUT_SECONDS = 120
# What cosign's errors mean, the more specific ones first.
MEANINGS = {
    "artifact digest does not match": "made for another image: this one was altered",
    "no signatures found": "there is none: nobody signed it",
    "signatures do not match threshold": "made by somebody else than who may publish it",
    "expected identities matched": "made by somebody else than who may publish it",
    "matched the predicate type": "there is none by who may publish it that its tests passed",
    **dict.fromkeys(
        ("UNAUTHORIZED", "DENIED"),
        "the package is shown to nobody without a login (the application's docs/first-push.md, line 4)",
    ),
}


class VerificationFailed(ClientFailed):
    """An image is not verified; the message names it and says what is missing."""


def cosign(image: ImageReference, subject: str, arguments: list[str]) -> str:
    """Run cosign on an image and return what it printed.

    Raise VerificationFailed with its reason otherwise; `subject` says of what the image lacks a good one.
    """
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
