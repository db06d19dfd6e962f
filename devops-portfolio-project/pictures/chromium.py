"""The browser that draws: whichever Chromium this machine has."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# Offline and quiet: a picture needs none of the services that a browser calls home for.
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class NoChromium(RuntimeError):
    """No Chromium is installed; the message says how to get one."""


def find() -> str:
    """Return the path of a Chromium or Chrome; raise NoChromium where there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if MACOS.exists():
        return str(MACOS)
    raise NoChromium(
        "no Chromium found: install one (Debian, Ubuntu: apt install chromium; macOS: brew install chromium)"
    )


def flags() -> list[str]:
    """Return the flags to start it with; root has no sandbox of its own to start it in."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
