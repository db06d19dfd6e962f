"""Photograph the dashboard in a Grafana.

GRAFANA_URL names it; GRAFANA_TOKEN, or GRAFANA_USER (admin) and GRAFANA_PASSWORD, open it.
"""

import base64
import os

from checks.shell import answers
from pictures.photograph import Shot, photograph
from pictures.picture import SCREENSHOTS, Skipped

PICTURES = (SCREENSHOTS / "grafana-custom-dashboard.png",)
DASHBOARD = "flask-app"  # its uid
PANEL = "[data-testid^='data-testid Panel header']"


def take() -> None:
    """Photograph the dashboard; raise Skipped where no Grafana is named or answers."""
    url = os.environ.get("GRAFANA_URL", "").rstrip("/")
    if not url:
        raise Skipped("GRAFANA_URL is not set, so there is no Grafana to picture")
    if not answers(f"{url}/api/health"):
        raise Skipped(f"GRAFANA_URL={url}: no Grafana answers there")
    page = f"{url}/d/{DASHBOARD}?kiosk&from=now-30m&to=now&var-namespace={os.environ.get('NAMESPACE') or 'flask-app'}"
    photograph([Shot(page, PICTURES[0], height=1500, seconds=15, selector=PANEL, authorization=authorization())])


def authorization() -> str:
    """Return the Authorization header; empty for a Grafana that needs no login."""
    if token := os.environ.get("GRAFANA_TOKEN"):
        return f"Bearer {token}"
    if password := os.environ.get("GRAFANA_PASSWORD"):
        pair = f"{os.environ.get('GRAFANA_USER') or 'admin'}:{password}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ""
