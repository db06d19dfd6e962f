"""The pictures of the diagram are drawn from the source that lies beside them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from pictures import chromium
from pictures.diagram import DARK, LIGHT, MMDC, ROOT, SOURCE, recoloured, source
from pictures.picture import SCALE, WIDTH
from pictures.source_hash import source_hash, stamp, stamped
from tests.conftest import skip_without_tool

PICTURES = (*LIGHT, *DARK)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_picture_is_of_this_source(picture: Path) -> None:
    assert stamped(picture) == source_hash(source(picture)), "the diagram's source has changed: run `make diagram`"


def test_the_hash_is_the_same_under_another_name_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = source_hash("flask-app FlaskAppDown")
    monkeypatch.setattr("pictures.source_hash.APP", "web-shop")
    assert source_hash("web-shop WebShopDown") == ours


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_stamp_is_read_back(suffix: str, tmp_path: Path) -> None:
    (picture,) = (each for each in LIGHT if each.suffix == suffix)
    copy = Path(shutil.copy(picture, tmp_path))
    stamp(copy, "0" * 64)
    assert stamped(copy) == "0" * 64


def test_the_walkthroughs_own_command_draws_with_the_installed_browser(tmp_path: Path) -> None:
    try:
        chromium.find()
    except chromium.NoChromium as missing:
        skip_without_tool(f"Chromium is missing: {missing}")
    if not MMDC.exists():
        skip_without_tool("mermaid-cli is not installed: make node")
    drawn = tmp_path / "architecture.png"
    subprocess.run([MMDC, "-i", SOURCE.relative_to(ROOT), "-o", drawn], cwd=ROOT, check=True, capture_output=True)
    with Image.open(drawn) as image:
        assert image.width > 700


def test_all_pictures_are_as_wide() -> None:
    for picture in PICTURES:
        if picture.suffix == ".png":
            with Image.open(picture) as image:
                assert image.width == WIDTH * SCALE, picture.name


@pytest.mark.parametrize("user", [0, 1000])
def test_the_browser_needs_no_sandbox_as_root_or_as_another_user(
    user: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An ordinary user may be forbidden the namespace that a sandbox is made of."""
    for tool, says in (("chromium", '"$@"'), ("id", str(user))):
        (tmp_path / tool).write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    started = subprocess.run([chromium.BROWSER, "--version"], capture_output=True, text=True, check=True)
    assert started.stdout.split() == ["--no-sandbox", "--version"]


def test_without_a_browser_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for tool in ("sh", "id"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(tmp_path))
    if Path("/Applications").exists():
        pytest.skip("a browser of macOS is not found by PATH: it cannot be hidden")
    with pytest.raises(chromium.NoChromium, match="apt install chromium"):
        chromium.find()


def test_a_colour_without_a_dark_one_is_named() -> None:
    assert recoloured("fill:#ffffff") == "fill:#0d1117"
    with pytest.raises(KeyError, match="#123456"):
        recoloured("fill:#123456")
