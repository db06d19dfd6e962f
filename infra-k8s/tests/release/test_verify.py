import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from clients import registry
from clients.cosign import VerificationFailed
from clients.image_reference import ImageReference
from release.refused import Refused
from release.verify import SIGNED, TESTED, commits_passed, identity_arguments, verify

IMAGE = ImageReference.parse("ghcr.io/owner/flask-app@sha256:" + "a" * 64)
COMMIT, OTHER = "c" * 40, "d" * 40
TRUSTED = "ghcr.io/Owner/flask-app"
PASSED = {
    "result": "PASSED",
    "configuration": [{"uri": "git+https://x", "digest": {"gitCommit": COMMIT}}],
    "passedTests": ["check", "test", "starts on linux/amd64", "starts on linux/arm64"],
}


def attestation(predicate: dict[str, Any], kind: str = TESTED) -> str:
    statement = json.dumps({"predicateType": kind, "predicate": predicate})
    return json.dumps({"payload": base64.b64encode(statement.encode()).decode()})


def signatures(*types: str) -> str:
    return json.dumps([{"critical": {"type": each}} for each in types])


@pytest.fixture
def cosign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cosign that finds every signature good and prints the attestations of the file that is returned."""
    said = tmp_path / "attestations"
    said.write_text(attestation(PASSED))
    stand_in = tmp_path / "cosign"
    (tmp_path / "signatures").write_text(signatures(SIGNED))
    stand_in.write_text(f'#!/bin/sh\n[ "$1" = verify ] && exec cat {tmp_path}/signatures\ncat {said}\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(registry, "platforms", lambda _: ("linux/amd64", "linux/arm64"))
    return said


@pytest.mark.parametrize(
    ("identity", "accepted"),
    [
        ("https://github.com/owner/flask-app/.github/workflows/ci.yaml@refs/heads/main", True),
        ("https://github.com/Owner/flask-app/.github/workflows/ci.yaml@refs/tags/v1.2.3", True),
        ("https://github.com/owner/flask-app/.github/workflows/ci.yaml@refs/heads/feature", False),
        ("https://github.com/owner/flask-app/.github/workflows/ci.yaml@refs/pull/1/merge", False),
        ("https://github.com/owner/flask-app/.github/workflows/other.yaml@refs/heads/main", False),
        ("https://github.com/owner/flask-app/.github/workflows/ci.yaml@refs/heads/Main", False),
        ("https://github.com/owner/flask-app/.github/workflows/CI.yaml@refs/heads/main", False),
        ("https://github.com/stranger/flask-app/.github/workflows/ci.yaml@refs/heads/main", False),
    ],
)
def test_only_the_owners_ci_workflow_on_main_or_tag_may_sign(identity: str, accepted: bool) -> None:
    command = identity_arguments(IMAGE, "")
    pattern = command[command.index("--certificate-identity-regexp") + 1]
    assert bool(re.search(pattern, identity)) is accepted


def test_plain_http_is_for_loopback_registries_only() -> None:
    local = ImageReference.parse(f"127.0.0.1:5001/owner/flask-app@{IMAGE.digest}")
    assert "--allow-http-registry" in identity_arguments(local, "ours.pub")
    assert "--allow-http-registry" not in identity_arguments(IMAGE, "ours.pub")


def test_tested_commit_is_returned(cosign: Path) -> None:
    assert verify(IMAGE, trusted=TRUSTED) == COMMIT
    assert verify(IMAGE, revision=COMMIT, trusted=TRUSTED) == COMMIT
    assert verify(IMAGE, public_key="ours.pub") == COMMIT


@pytest.mark.parametrize(
    "stranger", ["ghcr.io/stranger/flask-app", "ghcr.io/owner/other", "elsewhere.io/owner/flask-app"]
)
def test_image_of_another_repository_is_refused_however_well_it_is_signed(cosign: Path, stranger: str) -> None:
    image = ImageReference.parse(f"{stranger}@{IMAGE.digest}")
    for key in ("", "ours.pub"):
        with pytest.raises(Refused, match=re.escape(f"only images of {TRUSTED} are trusted")):
            verify(image, public_key=key, trusted=TRUSTED)


def test_without_a_key_somebody_has_to_say_whose_images_are_trusted(cosign: Path) -> None:
    with pytest.raises(Refused, match="TRUSTED_IMAGE is not set"):
        verify(IMAGE)


def test_image_that_was_only_attested_is_refused(cosign: Path) -> None:
    cosign.with_name("signatures").write_text(signatures("https://in-toto.io/Statement/v1"))
    with pytest.raises(VerificationFailed, match="only an attestation"):
        verify(IMAGE, trusted=TRUSTED)


def test_attestation_of_another_commit_is_refused(cosign: Path) -> None:
    with pytest.raises(Refused, match=f"commit {COMMIT} was tested, not {OTHER}"):
        verify(IMAGE, revision=OTHER, trusted=TRUSTED)


@pytest.mark.parametrize(
    "attestations",
    [
        "",
        attestation({**PASSED, "result": "FAILED"}),
        attestation(PASSED, kind="https://slsa.dev/provenance/v1"),
        attestation({**PASSED, "configuration": []}),
        attestation({**PASSED, "configuration": [{"digest": {"sha256": COMMIT}}]}),
        attestation({**PASSED, "passedTests": None}),
        attestation({**PASSED, "passedTests": ["check", "starts on linux/amd64", "starts on linux/arm64"]}),
        attestation({**PASSED, "passedTests": ["check", "test"]}),
        attestation({**PASSED, "passedTests": ["check", "test", "starts on linux/amd64"]}),
    ],
    ids=[
        "none",
        "failed",
        "of another type",
        "of nothing",
        "of no commit",
        "no list",
        "no tests",
        "never started",
        "not started on every platform of its index",
    ],
)
def test_attestation_that_does_not_say_passed_is_refused(cosign: Path, attestations: str) -> None:
    cosign.write_text(attestations)
    with pytest.raises(VerificationFailed, match="none says that the tests of a commit passed"):
        verify(IMAGE, trusted=TRUSTED)


def test_each_of_several_attestations_counts() -> None:
    later = {**PASSED, "configuration": [{"digest": {"gitCommit": OTHER}}]}
    assert list(commits_passed(f"{attestation(PASSED)}\n{attestation(later)}\n", ["linux/arm64"])) == [COMMIT, OTHER]


def test_missing_cosign_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VerificationFailed, match="cosign is not on PATH"):
        verify(IMAGE, trusted=TRUSTED)
