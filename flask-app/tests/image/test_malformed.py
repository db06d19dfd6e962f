"""Signed but malformed input is refused in one line."""

import base64
import json
from typing import Any

import pytest

from image import verification
from image.command import Refused
from image.verification import HOW_TO_MAKE_PUBLIC, Image, attestation, main, provenance, revision, sbom

BOTH = ["linux/amd64", "linux/arm64"]
COMMIT = "c0ffee" * 6 + "cafe"
IMAGE = Image("ghcr.io/o/n@sha256:" + "a" * 64, "cosign.pub")
PREDICATE = {
    "result": "PASSED",
    "configuration": [{"digest": {"gitCommit": COMMIT}}],
    "passedTests": ["check", "test", *(f"starts on {platform}" for platform in BOTH)],
}


def envelope(predicate: object) -> str:
    payload = base64.b64encode(json.dumps({"predicate": predicate}).encode()).decode()
    return json.dumps({"payload": payload})


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines that cosign and buildx print."""
    lines: list[str] = []
    monkeypatch.setattr(verification, "run", lambda *command: "\n".join(lines))
    return lines


@pytest.mark.parametrize(
    "line",
    [
        envelope({name: value for name, value in PREDICATE.items() if name != "passedTests"}),
        envelope({**PREDICATE, "passedTests": None}),
        envelope({**PREDICATE, "configuration": []}),
        envelope({**PREDICATE, "configuration": [{"digest": None}]}),
        envelope(None),
        json.dumps({"payload": "no base64"}),
        json.dumps([]),
        "no json",
    ],
)
def test_malformed_test_results_are_ignored(output: list[str], line: str) -> None:
    output.append(line)
    with pytest.raises(Refused, match=r"^no attestation says that it passed check and test and starts on linux/amd64"):
        attestation(IMAGE, BOTH)
    output.append(envelope(PREDICATE))
    assert attestation(IMAGE, BOTH) == COMMIT


@pytest.mark.parametrize("built", [{"config": {"Labels": None}}, {"config": {}}, {}])
def test_an_image_without_labels_has_no_commit(output: list[str], built: dict[str, Any]) -> None:
    output.append(json.dumps({"linux/amd64": built}))
    with pytest.raises(
        Refused, match=rf"^tests were attested for commit {COMMIT}, but on linux/amd64 it says it is none$"
    ):
        revision(IMAGE, BOTH, COMMIT)


@pytest.mark.parametrize("answer", ["null", "{}"])
def test_an_image_without_sbom_and_provenance_is_refused(output: list[str], answer: str) -> None:
    output.append(answer)
    with pytest.raises(Refused, match=r"^the SBOM for linux/amd64 does not list"):
        sbom(IMAGE, BOTH)
    with pytest.raises(Refused, match=r"^the provenance for linux/amd64 does not hold"):
        provenance(IMAGE, BOTH)


@pytest.mark.parametrize(
    ("reason", "private"),
    [
        ("ERROR: failed to fetch anonymous token: unexpected status from GET request: 401 Unauthorized", True),
        ("ERROR: unexpected status from HEAD request: 403 Forbidden", True),
        ("Error: GET https://ghcr.io/token: DENIED: requested access to the resource is denied", True),
        ("ERROR: pull access denied, insufficient_scope: authorization failed", True),
        ("Error: no signatures found", False),
        ("ERROR: ghcr.io/o/n@sha256:401: not found", False),
        ("docker gave no answer within 120 s", False),
    ],
)
def test_only_an_image_that_the_registry_hides_is_reported_as_private(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reason: str, private: bool
) -> None:
    def refuse(*command: str) -> str:
        raise Refused(reason)

    monkeypatch.setattr(verification, "run", refuse)
    monkeypatch.setattr("sys.argv", ["published", IMAGE.name, "--platforms", "linux/amd64"])
    assert main() == 1
    output = capsys.readouterr().err.splitlines()
    assert output == [f"refused: {IMAGE.name}: {reason}", *([HOW_TO_MAKE_PUBLIC] if private else [])]
