"""Photograph the dashboard in a Grafana: `make screenshots ONLY=grafana GRAFANA_URL=http://localhost:3000`.

GRAFANA_URL names it, such as the one that `make up` starts. GRAFANA_TOKEN, or GRAFANA_USER (admin) and
GRAFANA_PASSWORD, open one that asks for a login.
"""

import base64
import json
import os
import urllib.request
from typing import Any

from pictures.photograph import Shot, photograph
from pictures.picture import SCREENSHOTS, Skipped

PICTURES = (SCREENSHOTS / "grafana-custom-dashboard.png",)
TITLE = "Flask app"  # a release's own has its namespace and name behind it
PANEL = "[data-testid^='data-testid Panel header']"
HOW = "where `make up` started a Grafana: make screenshots ONLY=grafana GRAFANA_URL=http://localhost:3000"


def take() -> None:
    """Photograph the dashboard; raise Skipped where no Grafana is named or answers, or it has no such dashboard."""
    url = os.environ.get("GRAFANA_URL", "").rstrip("/")
    if not url:
        raise Skipped(f"GRAFANA_URL is not set; {HOW}")
    namespace = os.environ.get("NAMESPACE") or "flask-app"
    page = f"{url}{dashboard(url, namespace)}?kiosk&from=now-30m&to=now&var-namespace={namespace}"
    photograph([Shot(page, PICTURES[0], height=1500, seconds=15, selector=PANEL, authorization=authorization())])


def dashboard(url: str, namespace: str) -> str:
    """Return the path of the dashboard of `namespace` in the Grafana at `url`; raise Skipped without one."""
    header = {"Authorization": authorization()} if authorization() else {}
    try:
        asked = urllib.request.Request(f"{url}/api/search?type=dash-db", headers=header)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            known: list[dict[str, Any]] = json.load(answer)
    except (OSError, ValueError) as error:
        raise Skipped(f"GRAFANA_URL={url}: no Grafana answers there ({error})") from None
    titles = {each["title"]: str(each["url"]) for each in known}
    ours = [title for title in titles if title == TITLE or title.startswith(f"{TITLE} ({namespace}/")]
    if not ours:
        raise Skipped(f"GRAFANA_URL={url}: it has no dashboard '{TITLE}' of namespace {namespace} (NAMESPACE)")
    return titles[ours[0]]


def authorization() -> str:
    """Return the Authorization header; empty for a Grafana that needs no login."""
    if token := os.environ.get("GRAFANA_TOKEN"):
        return f"Bearer {token}"
    if password := os.environ.get("GRAFANA_PASSWORD"):
        pair = f"{os.environ.get('GRAFANA_USER') or 'admin'}:{password}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ""
