"""The application's own page in Chromium, while real load runs against a real gunicorn and faults come and go."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.request

import yaml

from pages.repositories import APP, Absent, folder
from pages.running import Shell, answers, free_port, shell
from pictures.photograph import Shot, photograph
from pictures.picture import SCREENSHOTS, Left
from pictures.source_hash import hash_of, stamp

SECONDS = float(os.environ.get("PAGE_SECONDS") or 300)  # what the page's charts show
LOAD = "helm/flask-app/files/load.py"  # the chart's own generator
RATES = (40, 90, 60)  # requests per second, for a third of the time each
PATHS = ("/", "/api/info", "/api/stats")
# When, as a share of the time, which fault begins with which settings; the last is on when the picture is taken.
FAULTS = (
    (0.45, "errors", {"rate": 0.04, "seconds": 45}),
    (0.80, "latency", {"rate": 0.2, "delay_seconds": 0.3, "seconds": 300}),
)
CHART = ".plot svg"
PICTURES = (SCREENSHOTS / "flask-dashboard-ui.png", SCREENSHOTS / "flask-dashboard-ui-dark.png")


def take() -> None:
    """Take the page, light and dark; raise Left where the application is not at hand or does not start."""
    token = secrets.token_urlsafe(24)
    try:
        app, infra = folder(APP), folder("infra-k8s")
    except Absent as absent:
        raise Left(str(absent)) from None
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"PORT": str(port), "FAULTS_ENABLED": "true", "FAULTS_TOKEN": token, **build()}
    with shell("exec make run", app, environment) as server:
        until_ready(url, server)
        with shell(load(url), infra):
            story = threading.Thread(target=tell, args=(url, token), daemon=True)
            story.start()
            shots = zip(PICTURES, ("light", "dark"), strict=True)
            photograph([Shot(url, file, scheme=scheme, seconds=SECONDS, selector=CHART) for file, scheme in shots])
    for file in PICTURES:
        stamp(file, shown())


def shown() -> str:
    """Return the hash of what the page is made of."""
    return hash_of(*(file for part in ("static", "templates") for file in (folder(APP) / part).iterdir()))


def build() -> dict[str, str]:
    """Return what the image would say of itself: the chart's version of the application, and the commit."""
    chart = yaml.safe_load((folder("infra-k8s") / "helm" / "flask-app" / "Chart.yaml").read_text())
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder("flask-app"), capture_output=True, text=True, check=False
    )
    return {"APP_VERSION": str(chart["appVersion"]), "APP_REVISION": asked.stdout.strip() or "unknown"}


def load(url: str) -> str:
    """Return the commands that send the load, one rate after the other, and some more while the picture is taken."""
    paths = " ".join(f"--path {path}" for path in PATHS)
    seconds = [SECONDS / len(RATES)] * (len(RATES) - 1) + [SECONDS / len(RATES) + 60]
    return "\n".join(
        f"{sys.executable} {LOAD} --url {url} {paths} --rate {rate} --seconds {length:.0f}"
        for rate, length in zip(RATES, seconds, strict=True)
    )


def tell(url: str, token: str) -> None:
    """Switch the faults on when their time has come; each ends by itself."""
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
    """Wait until the application takes requests; raise Left with its last words where it does not."""
    deadline = time.monotonic() + 120  # the first time, make builds the virtual environment
    while not answers(f"{url}/ready"):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise Left(f"the application does not start: {server.said().splitlines()[-1:]}")
        time.sleep(0.2)
