"""Photograph pages with the installed Chromium, several at once."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pictures import chromium
from pictures.picture import SCALE, WIDTH, Skipped, squeeze

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
    """Take the pictures; raise Skipped with one line that says what is missing or what failed."""
    if shutil.which("node") is None or not (ROOT / "node_modules" / "puppeteer").is_dir():
        raise Skipped("Node.js or its packages are missing: make node")
    try:
        browser = chromium.find()
    except chromium.NoChromium as error:
        raise Skipped(str(error)) from None
    request = {"args": chromium.FLAGS, "shots": [{**asdict(shot), "file": str(shot.file)} for shot in shots]}
    for shot in shots:
        shot.file.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps(request),
        env=os.environ | {"CHROMIUM": browser},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "Error" in line] or ["no reason given"]
        raise Skipped(f"Chromium: {errors[0].strip()}")
    for shot in shots:
        squeeze(shot.file)
