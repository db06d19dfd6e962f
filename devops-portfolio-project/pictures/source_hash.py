"""The hash of its source, stored in a picture: after a clone, modification times say nothing."""

import hashlib
import re
from pathlib import Path

from PIL import Image, PngImagePlugin

from checks.repositories import APP

KEY = "source-sha256"
_COMMENT = re.compile(rf"<!-- {KEY}: ([0-9a-f]{{64}}) -->")


def source_hash(source: str) -> str:
    """Return the SHA-256 of a source in hexadecimal, the same for every name that the service is published under."""
    words = APP.split("-")
    for name in (APP, "_".join(words), "".join(map(str.capitalize, words)), " ".join(words).capitalize()):
        source = source.replace(name, "app")
    return hashlib.sha256(source.encode()).hexdigest()


def hash_of(*files: Path) -> str:
    """Return the hash of files that a picture shows, in the order of their names."""
    return source_hash("".join(file.read_text(encoding="utf-8") for file in sorted(files)))


def stamp(picture: Path, digest: str) -> None:
    """Write the digest into a PNG's text chunk or behind an SVG's last element."""
    if picture.suffix == ".svg":
        text = _COMMENT.sub("", picture.read_text(encoding="utf-8")).rstrip()
        picture.write_text(f"{text}\n<!-- {KEY}: {digest} -->\n", encoding="utf-8")
        return
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(KEY, digest)
    with Image.open(picture) as image:
        # 256 colours are more than such a picture has, and a third of the bytes.
        image.convert("RGB").quantize(256).save(picture, pnginfo=chunks, optimize=True)


def stamped(picture: Path) -> str | None:
    """Return the digest that a picture carries, None where it carries none."""
    if picture.suffix == ".svg":
        found = _COMMENT.search(picture.read_text(encoding="utf-8"))
        return found[1] if found else None
    with Image.open(picture) as image:
        value = image.info.get(KEY)
        return value if isinstance(value, str) else None
