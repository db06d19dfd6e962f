"""What the steps print, where a workflow or `make ci` reads it."""

import pytest

from release import __main__ as release

IMAGE = f"ghcr.io/owner/flask-app@sha256:{'a' * 64}"
COMMIT = "c" * 40


def test_verify_hands_on_the_commit_that_was_tested(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "verify", lambda *_: COMMIT)
    assert release.main(["verify", "--image", IMAGE]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"revision={COMMIT}"
    assert said[-1].startswith(f"verify: {IMAGE} is signed")
