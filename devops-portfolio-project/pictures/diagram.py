"""Draw the architecture diagram from its Mermaid source, light and dark: `python -m pictures.diagram`.

Every picture carries the hash of what it was drawn from.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from pictures import chromium
from pictures.picture import SCALE, WIDTH
from pictures.source_hash import source_hash, stamp

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "assets" / "diagrams" / "architecture.mmd"
LIGHT = (SOURCE.with_suffix(".svg"), SOURCE.with_suffix(".png"))
DARK = (SOURCE.with_name("architecture-dark.svg"), SOURCE.with_name("architecture-dark.png"))
MMDC = ROOT / "node_modules" / ".bin" / "mmdc"
PAPER = "#ffffff"
COLOUR = re.compile(r"#[0-9a-f]{6}\b")

# The source's colours, and what each becomes in the dark.
IN_THE_DARK = {
    PAPER: "#0d1117",
    "#f8fafc": "#161b22",
    "#cbd5e1": "#30363d",
    "#64748b": "#8b949e",
    "#475569": "#9da7b3",
    "#0f172a": "#e6edf3",
    "#e0f2fe": "#0c2d4a",
    "#0284c7": "#388bfd",
    "#0c4a6e": "#cae8ff",
    "#fef3c7": "#3d2e00",
    "#d97706": "#d29922",
    "#78350f": "#f8e3a1",
}


def source(picture: Path) -> str:
    """Return the Mermaid text that a picture is drawn from; raise KeyError for a colour that has no dark one."""
    text = SOURCE.read_text(encoding="utf-8")
    return recoloured(text) if picture in DARK else text


def recoloured(text: str) -> str:
    """Return a text with every colour in its dark form; raise KeyError for one that has none."""
    return COLOUR.sub(lambda found: IN_THE_DARK[found[0]], text)


def draw(picture: Path, browser: str) -> None:
    """Draw one picture with mermaid-cli; raise CalledProcessError when it refuses the source."""
    text = source(picture)
    paper = IN_THE_DARK[PAPER] if picture in DARK else PAPER
    with tempfile.TemporaryDirectory() as folder:
        settings, drawn = Path(folder, "puppeteer.json"), Path(folder, "source.mmd")
        settings.write_text(json.dumps({"executablePath": browser, "args": chromium.FLAGS}))
        drawn.write_text(text, encoding="utf-8")
        command = [str(MMDC), "-i", str(drawn), "-o", str(picture), "--puppeteerConfigFile", str(settings)]
        subprocess.run(
            [*command, "--backgroundColor", paper, "--width", str(WIDTH), "--scale", str(SCALE), "--quiet"],
            check=True,
            env=os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"},
        )
    if picture.suffix == ".png":
        widen(picture, paper)
    stamp(picture, source_hash(text))


def widen(picture: Path, paper: str) -> None:
    """Give a PNG the width that all pictures have: mermaid-cli leaves out the margins of its page."""
    with Image.open(picture) as drawn:
        wide = Image.new("RGB", (WIDTH * SCALE, drawn.height), paper)
        wide.paste(drawn.convert("RGB"), ((wide.width - drawn.width) // 2, 0))
    wide.save(picture)


def main() -> int:
    """Draw all pictures; return the exit status."""
    try:
        browser = chromium.find()
        for picture in (*LIGHT, *DARK):
            draw(picture, browser)
            print(f"drew {picture.relative_to(ROOT)}")
    except chromium.NoChromium as error:
        print(f"make diagram: {error}", file=sys.stderr)
        return 1
    except KeyError as error:
        print(f"make diagram: colour {error} has no dark one in pictures/diagram.py", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        print(
            f"make diagram: mermaid-cli could not draw {SOURCE.relative_to(ROOT)}; it says why above", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
