"""The browser that draws: whichever Chromium this machine has, as `chromium.sh` finds and starts it."""

import subprocess
from pathlib import Path

BROWSER = Path(__file__).with_name("chromium.sh")

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
    """Return what starts a Chromium or Chrome; raise NoChromium where there is none."""
    asked = subprocess.run([BROWSER, "--version"], capture_output=True, text=True)
    if asked.returncode != 0:
        raise NoChromium(asked.stderr.strip())
    return str(BROWSER)
