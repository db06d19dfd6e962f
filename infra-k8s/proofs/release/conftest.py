"""Fixtures of `make prove`: a published image by digest, in its own namespace; needs no source and no registry."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.image_reference import ImageReference, InvalidReference
from clients.namespaces import temporary_namespace
from proofs.image import Image

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"


def pytest_configure() -> None:
    """Refuse to start without an image: one line, before the cluster is touched."""
    try:
        ImageReference.parse(os.environ.get("IMAGE", ""))
    except InvalidReference as invalid:
        pytest.exit(f"IMAGE: {invalid}", returncode=2)


@pytest.fixture(scope="session")
def image() -> Image:
    reference = ImageReference.parse(os.environ["IMAGE"])
    return Image(reference.repository, "", reference.digest)


@pytest.fixture(scope="session")
def values(image: Image) -> dict[str, Any]:
    """The values of the environment that the image is for, with this image."""
    file = ENVIRONMENTS / os.environ.get("ENVIRONMENT", "minikube") / "values.yaml"
    return {**yaml.safe_load(file.read_text()), **image.values}


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    with temporary_namespace(os.environ.get("PROVE_NAMESPACE", "flask-app-prove")) as name:
        yield name
