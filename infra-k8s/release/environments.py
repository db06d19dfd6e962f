"""The image that an environment runs, in its file `image.yaml`, which deploys read; release/record.py commits it."""

import re
from pathlib import Path

import yaml

from clients.image_reference import ImageReference
from release.refused import Refused

ENVIRONMENTS = Path(__file__).resolve().parent.parent / "environments"
SECTION = re.compile(r"^image:\n(?:  .*\n)+", re.MULTILINE)


def file_of(environment: str, environments: Path = ENVIRONMENTS) -> Path:
    """Return the file that holds an environment's image; raise Refused where there is no such environment."""
    known = sorted(path.parent.name for path in environments.glob("*/image.yaml"))
    if environment not in known:
        raise Refused(f"there is no environment {environment!r}: choose one of {', '.join(known)}")
    return environments / environment / "image.yaml"


def write(image: ImageReference, file: Path) -> None:
    """Write an image's repository and digest into an environment's file, whose comments stay."""
    section = f'image:\n  repository: {image.repository}\n  tag: ""\n  digest: {image.digest}\n'
    text = SECTION.sub(section, file.read_text())
    if recorded(text) != image:
        raise Refused(f"{file}: keep repository, tag and digest in one block under image:, without an empty line")
    file.write_text(text)


def recorded(text: str) -> ImageReference | None:
    """Return the image that such a file's text names, None where nothing was recorded yet; raise Refused otherwise."""
    image = yaml.safe_load(text)["image"]
    if not image.get("digest"):
        return None
    return ImageReference.parse(f"{image['repository']}@{image['digest']}")
