import re

import pytest

from clients.image_reference import ImageReference, InvalidReference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "ghcr.io/owner/flask-app:latest",
        "ghcr.io/owner/flask-app@sha256:abc",
        f"ghcr.io/owner/flask-app:latest@{DIGEST}",
        f"ghcr.io/flask-app@{DIGEST}",
        f"--key=mine ghcr.io/owner/flask-app@{DIGEST}",
        f"ghcr.io/owner/flask-app@{DIGEST}\nimage=other",
        "",
    ],
)
def test_image_without_exact_digest_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidReference, match=re.escape(repr(text))):
        ImageReference.parse(text)


def test_owner_with_capitals_is_written_as_a_registry_wants_it() -> None:
    assert (
        str(ImageReference.parse(f"ghcr.io/Some-Owner/flask-app@{DIGEST}")) == f"ghcr.io/some-owner/flask-app@{DIGEST}"
    )


@pytest.mark.parametrize(
    ("registry", "loopback"), [("127.0.0.1:5001", True), ("localhost:5000", True), ("ghcr.io", False)]
)
def test_loopback_registry_is_known(registry: str, loopback: bool) -> None:
    assert ImageReference.parse(f"{registry}/owner/flask-app@{DIGEST}").on_loopback is loopback
