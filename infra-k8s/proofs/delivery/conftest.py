"""Images as they arrive from outside, good and bad, and the release that they would replace."""

from collections.abc import Iterator

import pytest

from clients.helm import Release
from proofs.delivery.publisher import Publisher
from proofs.image import Image, build
from proofs.settings import Settings

REVISION = "a" * 40


@pytest.fixture(scope="session")
def image(settings: Settings) -> Image:
    return build(settings, tag="0.1.0", version="0.1.0", revision=REVISION, path="delivery/flask-app")


@pytest.fixture(scope="session")
def publisher(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return Publisher(settings, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def release(namespace: str) -> Iterator[Release]:
    release = Release(namespace)
    yield release
    release.uninstall()
