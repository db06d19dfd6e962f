"""The Chromium that draws the pictures, as `chromium.sh` finds and starts it."""

import subprocess
from pathlib import Path

BROWSER = Path(__file__).with_name("chromium.sh")

# No background requests: a picture needs none of the browser's online services.
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
    """Return the command that starts a Chromium or Chrome; raise NoChromium where there is none."""
    version = subprocess.run([BROWSER, "--version"], capture_output=True, text=True)
    if version.returncode != 0:
        raise NoChromium(version.stderr.strip())
    return str(BROWSER)
