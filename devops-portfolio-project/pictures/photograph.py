"""Photograph pages with the installed Chromium, several at once."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pictures import chromium
from pictures.picture import SCALE, WIDTH, Left, squeeze

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_name("photograph.mjs")


@dataclass(frozen=True)
class Shot:
    """One picture of a page: `height` 0 takes all of it; `seconds` is how long the page lives before."""

    url: str
    file: Path
    height: int = 0
    scheme: str = "light"
    seconds: float = 0.0
    selector: str = ""
    authorization: str = ""
    width: int = WIDTH
    scale: int = SCALE


def photograph(shots: Sequence[Shot]) -> None:
    """Take the pictures; raise Left with one line that says what is missing or what the browser met."""
    if shutil.which("node") is None or not (ROOT / "node_modules" / "puppeteer").is_dir():
        raise Left("Node.js or its packages are missing: make node")
    try:
        browser = chromium.find()
    except chromium.NoChromium as error:
        raise Left(str(error)) from None
    asked = {"args": chromium.FLAGS, "shots": [{**asdict(shot), "file": str(shot.file)} for shot in shots]}
    for shot in shots:
        shot.file.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps(asked),
        env=os.environ | {"CHROMIUM": browser},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "Error" in line] or ["no reason given"]
        raise Left(f"Chromium: {said[0].strip()}")
    for shot in shots:
        squeeze(shot.file)
