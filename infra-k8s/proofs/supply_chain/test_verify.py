"""Prove `make verify`, the step before a deploy, on images in a real registry."""

import os
import subprocess
from pathlib import Path

import pytest

from proofs.image import Image
from proofs.recording import Proof
from proofs.supply_chain.conftest import REVISION
from proofs.supply_chain.publisher import Publisher

INFRA = Path(__file__).resolve().parents[2]


def verify(publisher: Publisher, image: Image, revision: str = REVISION) -> subprocess.CompletedProcess[str]:
    """Run the step as the workflow does."""
    return subprocess.run(
        ["make", "--silent", "--old-file=setup", "verify", f"COSIGN_PUBLIC_KEY={publisher.trusted_key}"],
        cwd=INFRA,
        env={**os.environ, "IMAGE": publisher.pushed(image), "REVISION": revision},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def good(publisher: Publisher, image: Image) -> Image:
    built = publisher.build(image, "signed", "LABEL proof=good")
    publisher.sign(built, "trusted")
    publisher.attest(built, "trusted", REVISION)
    return built


def test_good(proof: Proof, publisher: Publisher, good: Image) -> None:
    """An image that is signed and whose tests are attested is accepted."""
    done = verify(publisher, good)
    proof.note(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    assert f"commit {REVISION} was tested" in done.stdout


def test_another_commit(proof: Proof, publisher: Publisher, good: Image) -> None:
    """The same image is refused if another commit is expected."""
    refused(proof, verify(publisher, good, "b" * 40), f"was tested, not {'b' * 40}")


@pytest.mark.parametrize(
    ("what", "signer", "attester", "why"),
    [
        ("unsigned", "", "", "signature: there is none: nobody signed it"),
        (
            "attested but not signed",
            "",
            "trusted",
            "signature: there is none by who may publish it, only an attestation",
        ),
        ("signed with another key", "other", "other", "signature: made by somebody else"),
        ("signed but without an attestation of its tests", "trusted", "", "attestation: there is none"),
        ("signed, with its tests attested with another key", "trusted", "other", "attestation: there is none"),
    ],
)
def test_image_is_refused(
    proof: Proof, publisher: Publisher, image: Image, what: str, signer: str, attester: str, why: str
) -> None:
    """An image that is not signed and attested with the trusted key is refused."""
    proof.name = f"An image that is {what} is refused"
    bad = publisher.build(image, f"bad-{signer}-{attester}".strip("-"), f'LABEL proof="{what}"')
    if signer:
        publisher.sign(bad, signer)
    if attester:
        publisher.attest(bad, attester, REVISION)
    refused(proof, verify(publisher, bad), why)


def test_altered(proof: Proof, publisher: Publisher, image: Image, good: Image) -> None:
    """An altered image with the signatures of the original is refused."""
    altered = publisher.build(image, "signed", "LABEL proof=altered")
    publisher.copy_signatures(good, altered)
    refused(proof, verify(publisher, altered), "signature: made for another image: this one was altered")


def refused(proof: Proof, done: subprocess.CompletedProcess[str], why: str) -> None:
    line = done.stderr.splitlines()[0] if done.stderr else "no error output"
    proof.note(line)
    assert done.returncode != 0
    assert why in line
