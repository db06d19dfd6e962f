import re

import pytest

from clients import registry
from clients.image_reference import ImageReference
from scrape_doctor.read import registry as reader

IMAGE = ImageReference.parse("ghcr.io/owner/flask-app@sha256:" + "a" * 64)


def answering(monkeypatch: pytest.MonkeyPatch, found: dict[str, tuple[str, ...]]) -> None:
    async def platforms(images: list[str]) -> dict[str, tuple[str, ...]]:
        return {image: found[image] for image in images if image in found}

    monkeypatch.setattr(reader, "platforms", platforms)


def test_platforms_of_the_index_are_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {str(IMAGE): ("linux/amd64", "linux/arm64")})
    assert registry.platforms(IMAGE) == ("linux/amd64", "linux/arm64")


@pytest.mark.parametrize("found", [{}, {str(IMAGE): ()}], ids=["no answer", "an index of nothing"])
def test_image_whose_platforms_are_not_known_is_refused(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, tuple[str, ...]]
) -> None:
    answering(monkeypatch, found)
    with pytest.raises(registry.RegistryFailed, match=re.escape(f"{IMAGE}: its platforms cannot be read from ghcr.io")):
        registry.platforms(IMAGE)
