"""A container registry, queried as anybody may: without a login."""

import asyncio

from clients.errors import ClientFailed
from clients.image_reference import ImageReference
from scrape_doctor.read import registry


class RegistryFailed(ClientFailed):
    """The registry did not answer, or not without a login."""


def platforms(image: ImageReference) -> tuple[str, ...]:
    """Return the platforms of an image's index, as `linux/arm64`; raise RegistryFailed where they cannot be read."""
    found = asyncio.run(registry.platforms([str(image)])).get(str(image))
    if not found:
        raise RegistryFailed(f"{image}: its platforms cannot be read from {image.registry} without a login")
    return found
