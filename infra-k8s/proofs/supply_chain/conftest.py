"""Fixtures of `make delivery`: an image, and a publisher that signs and attests images, with a trusted key or not."""

import pytest

from proofs.image import Image, build
from proofs.settings import Settings
from proofs.supply_chain.publisher import Publisher

REVISION = "a" * 40


@pytest.fixture(scope="session")
def image(settings: Settings) -> Image:
    return build(settings, tag="0.1.0", version="0.1.0", revision=REVISION, path="delivery/flask-app")


@pytest.fixture(scope="session")
def publisher(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return Publisher(settings, tmp_path_factory.mktemp("keys"))
