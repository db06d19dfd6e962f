"""The pictures of the diagram are drawn from the source that lies beside them."""

import shutil
from pathlib import Path

import pytest

from pictures.diagram import DARK, LIGHT, recoloured, source
from pictures.source_hash import source_hash, stamp, stamped

PICTURES = (*LIGHT, *DARK)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_picture_is_of_this_source(picture: Path) -> None:
    assert stamped(picture) == source_hash(source(picture)), "the diagram's source has changed: run `make diagram`"


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_stamp_is_read_back(suffix: str, tmp_path: Path) -> None:
    (picture,) = (each for each in LIGHT if each.suffix == suffix)
    copy = Path(shutil.copy(picture, tmp_path))
    stamp(copy, "0" * 64)
    assert stamped(copy) == "0" * 64


def test_a_colour_without_a_dark_one_is_named() -> None:
    assert recoloured("fill:#ffffff") == "fill:#0d1117"
    with pytest.raises(KeyError, match="#123456"):
        recoloured("fill:#123456")
