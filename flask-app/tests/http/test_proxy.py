"""Where a request came from: what the proxies say that are trusted, and nothing that a client makes up."""

import json
from pathlib import Path

import pytest
import requests
from flask import Flask, request, url_for

from app import create_app
from app.config import Config
from tests.live_server import serve
from tests.server.test_serving import log

FORGED = {
    "X-Forwarded-For": "203.0.113.7, 198.51.100.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
    "X-Forwarded-Prefix": "/shop",
}


def create_linking_app(config: Config | None = None) -> Flask:
    """Return the application with a route that says what it takes the request for."""
    app = create_app(config)
    app.add_url_rule(
        "/seen",
        view_func=lambda: {"remote": request.remote_addr, "link": url_for("seen", _external=True)},
        endpoint="seen",
    )
    return app


def seen(config: Config, headers: dict[str, str] = FORGED) -> dict[str, str]:
    answer = create_linking_app(config).test_client().get("/seen", headers=headers)
    return dict(answer.get_json())


def test_nothing_is_trusted_by_default() -> None:
    assert seen(Config()) == {"remote": "127.0.0.1", "link": "http://localhost/seen"}


def test_nearest_proxy_is_trusted_and_the_client_behind_it_is_not() -> None:
    assert seen(Config(trusted_proxies=1)) == {"remote": "198.51.100.1", "link": "https://shop.example/seen"}


def test_two_proxies_name_the_client_that_the_outer_one_saw() -> None:
    assert seen(Config(trusted_proxies=2)) == {"remote": "203.0.113.7", "link": "https://shop.example/seen"}


def test_prefix_has_a_switch_of_its_own() -> None:
    assert seen(Config(trusted_proxies=1, trusted_prefix=True))["link"] == "https://shop.example/shop/seen"


def test_page_leads_where_the_prefix_says() -> None:
    app = create_app(Config(trusted_proxies=1, trusted_prefix=True))
    page = app.test_client().get("/", headers=FORGED).text
    for path in ("static/dashboard.js", "static/dashboard.css", "metrics", "openapi.json"):
        assert f'"/shop/{path}"' in page
        assert f'"/{path}"' not in page


@pytest.mark.parametrize(("trusted", "remote", "scheme"), [("0", "127.0.0.1", "http"), ("1", "198.51.100.1", "https")])
def test_server_and_its_log_trust_the_same(tmp_path: Path, trusted: str, remote: str, scheme: str) -> None:
    """From this machine, whose word gunicorn itself would take by default."""
    forged = {**FORGED, "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl", "Script_Name": "/other"}
    application = "tests.http.test_proxy:create_linking_app()"
    with serve(tmp_path, application, TRUSTED_PROXIES=trusted, FORWARDED_ALLOW_IPS="*") as server:
        found = requests.get(f"{server.url}/seen", headers=forged, timeout=5).json()
        (line,) = (entry for entry in log(server) if entry.get("path") == "/seen")
        assert line["remote"] == found["remote"].removeprefix("::ffff:") == remote, json.dumps(line)
        assert found["link"].startswith(f"{scheme}://")
        assert found["link"].endswith("/seen")
        assert "other" not in found["link"]
