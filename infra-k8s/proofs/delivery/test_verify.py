"""`make verify`, as it runs before a deploy, against images in a real registry."""

import os
import subprocess
from pathlib import Path

import pytest

from proofs.delivery.conftest import REVISION
from proofs.delivery.publisher import Publisher
from proofs.image import Image
from proofs.report import Proof

INFRA = Path(__file__).resolve().parents[2]


def verify(publisher: Publisher, image: Image, revision: str = REVISION) -> subprocess.CompletedProcess[str]:
    """Run the workflow's own step."""
    return subprocess.run(
        ["make", "--silent", "--old-file=setup", "verify", f"COSIGN_PUBLIC_KEY={publisher.trusted}"],
        cwd=INFRA,
        env={**os.environ, "IMAGE": publisher.pushed(image), "REVISION": revision},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def good(publisher: Publisher, image: Image) -> Image:
    found = publisher.build(image, "signed", "LABEL proof=good")
    publisher.sign(found, "ours")
    publisher.attest(found, "ours", REVISION)
    return found


def test_good(proof: Proof, publisher: Publisher, good: Image) -> None:
    """An image that is signed and whose tests are attested is let through."""
    done = verify(publisher, good)
    proof.saw(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    assert f"commit {REVISION} was tested" in done.stdout


def test_another_commit(proof: Proof, publisher: Publisher, good: Image) -> None:
    """The same image is refused as the build of another commit."""
    refused(proof, verify(publisher, good, "b" * 40), f"was tested, not {'b' * 40}")


@pytest.mark.parametrize(
    ("what", "signer", "attester", "why"),
    [
        ("unsigned", "", "", "signature: there is none: nobody signed it"),
        (
            "attested, but never signed",
            "",
            "ours",
            "signature: there is none by who may publish it, only an attestation",
        ),
        ("wrongly signed", "theirs", "theirs", "signature: made by somebody else"),
        ("signed, its tests not attested", "ours", "", "attestation: there is none"),
        ("signed, its tests attested by somebody else", "ours", "theirs", "attestation: there is none"),
    ],
)
def test_bad(proof: Proof, publisher: Publisher, image: Image, what: str, signer: str, attester: str, why: str) -> None:
    """An image that is not what it should be is refused."""
    proof.name = f"An image is refused that is {what}"
    bad = publisher.build(image, f"bad-{signer}-{attester}".strip("-"), f'LABEL proof="{what}"')
    if signer:
        publisher.sign(bad, signer)
    if attester:
        publisher.attest(bad, attester, REVISION)
    refused(proof, verify(publisher, bad), why)


def test_altered(proof: Proof, publisher: Publisher, image: Image, good: Image) -> None:
    """An image is refused that was altered and carries the signatures of the good one."""
    altered = publisher.build(image, "signed", "LABEL proof=altered")
    publisher.graft(good, altered)
    refused(proof, verify(publisher, altered), "signature: made for another image: this one was altered")


def refused(proof: Proof, done: subprocess.CompletedProcess[str], why: str) -> None:
    line = done.stderr.splitlines()[0] if done.stderr else "nothing was said"
    proof.saw(line)
    assert done.returncode != 0
    assert why in line
