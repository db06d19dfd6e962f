"""Photograph the application's own page under real load, while faults come and go."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.request

import yaml

from checks.repositories import APP, MissingRepository, folder
from checks.shell import Shell, answers, free_port, shell
from pictures.photograph import Shot, photograph
from pictures.picture import SCREENSHOTS, Skipped
from pictures.source_hash import hash_of, stamp

SECONDS = float(os.environ.get("PAGE_SECONDS") or 300)  # what the page's charts show
LOAD = "helm/flask-app/files/load.py"  # the chart's own generator
RATES = (40, 90, 60)  # requests per second, each for a third of the time
PATHS = ("/", "/api/info", "/api/stats")
# When, as a share of the time, which fault begins with which settings; the last is on when the picture is taken.
FAULTS = (
    (0.45, "errors", {"rate": 0.04, "seconds": 45}),
    (0.80, "latency", {"rate": 0.2, "delay_seconds": 0.3, "seconds": 300}),
)
CHART = ".plot svg"
PICTURES = (SCREENSHOTS / "flask-dashboard-ui.png", SCREENSHOTS / "flask-dashboard-ui-dark.png")


def take() -> None:
    """Take the page, light and dark; raise Skipped where the application is missing or does not start."""
    token = secrets.token_urlsafe(24)
    try:
        app, infra = folder(APP), folder("infra-k8s")
    except MissingRepository as missing:
        raise Skipped(str(missing)) from None
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"PORT": str(port), "FAULTS_ENABLED": "true", "FAULTS_TOKEN": token, **build()}
    with shell("exec make run", app, environment) as server:
        until_ready(url, server)
        with shell(load(url), infra):
            faults = threading.Thread(target=inject, args=(url, token), daemon=True)
            faults.start()
            shots = zip(PICTURES, ("light", "dark"), strict=True)
            photograph([Shot(url, file, scheme=scheme, seconds=SECONDS, selector=CHART) for file, scheme in shots])
    for file in PICTURES:
        stamp(file, page_hash())


def page_hash() -> str:
    """Return the hash of the files that the page is made of."""
    return hash_of(*(file for part in ("static", "templates") for file in (folder(APP) / part).iterdir()))


def build() -> dict[str, str]:
    """Return the version and the commit that the image would report."""
    chart = yaml.safe_load((folder("infra-k8s") / "helm" / "flask-app" / "Chart.yaml").read_text())
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder("flask-app"), capture_output=True, text=True, check=False
    )
    return {"APP_VERSION": str(chart["appVersion"]), "APP_REVISION": revision.stdout.strip() or "unknown"}


def load(url: str) -> str:
    """Return the commands that send the load at one rate after the other, until the picture is taken."""
    paths = " ".join(f"--path {path}" for path in PATHS)
    seconds = [SECONDS / len(RATES)] * (len(RATES) - 1) + [SECONDS / len(RATES) + 60]
    return "\n".join(
        f"{sys.executable} {LOAD} --url {url} {paths} --rate {rate} --seconds {length:.0f}"
        for rate, length in zip(RATES, seconds, strict=True)
    )


def inject(url: str, token: str) -> None:
    """Switch each fault on when its time comes; each ends by itself."""
    begin = time.monotonic()
    for share, fault, settings in FAULTS:
        time.sleep(max(0.0, begin + share * SECONDS - time.monotonic()))
        request = urllib.request.Request(
            f"{url}/api/faults/{fault}",
            data=json.dumps(settings).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=10).close()


def until_ready(url: str, server: Shell) -> None:
    """Wait until the application is ready; raise Skipped with the last line of its output where it is not."""
    deadline = time.monotonic() + 120  # the first time, make builds the virtual environment
    while not answers(f"{url}/ready"):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise Skipped(f"the application does not start: {server.output_tail().splitlines()[-1:]}")
        time.sleep(0.2)
