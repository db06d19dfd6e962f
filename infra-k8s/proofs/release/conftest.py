"""An image that is there already, by digest, in a namespace of its own: no source, no registry to push to."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.helm import Release
from clients.namespaces import temporary_namespace
from proofs.image import Image
from release.reference import Reference, Refused

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"


def pytest_configure() -> None:
    """Refuse to start without an image: one line, before anything is touched."""
    try:
        Reference.parse(os.environ.get("IMAGE", ""))
    except Refused as refusal:
        pytest.exit(f"IMAGE: {refusal}", returncode=2)


@pytest.fixture(scope="session")
def image() -> Image:
    named = Reference.parse(os.environ["IMAGE"])
    return Image(named.repository, "", named.digest)


@pytest.fixture(scope="session")
def values(image: Image) -> dict[str, Any]:
    """What the environment will run: its values with this image."""
    file = ENVIRONMENTS / os.environ.get("ENVIRONMENT", "minikube") / "values.yaml"
    return {**yaml.safe_load(file.read_text()), **image.values}


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    with temporary_namespace(os.environ.get("PROVE_NAMESPACE", "flask-app-prove")) as name:
        yield name


@pytest.fixture(scope="module")
def release(namespace: str) -> Iterator[Release]:
    release = Release(namespace)
    yield release
    release.uninstall()
