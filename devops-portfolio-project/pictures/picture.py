"""A picture of the documentation: where it lies, and how its bytes are kept few."""

from pathlib import Path

from PIL import Image

SCREENSHOTS = Path(__file__).resolve().parent.parent / "assets" / "screenshots"
WIDTH = 1200  # CSS pixels, of all pictures alike
SCALE = 2  # pixels of the file for each of those


class Skipped(Exception):
    """A picture cannot be taken and stays as it was; the message says in one line what is missing."""


def squeeze(picture: Path) -> None:
    """Write a PNG again with 256 colours, which is more than a page or a terminal has: a third of the bytes."""
    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
