import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.app import create_app
from app.config import Config

TRACE = "0af7651916cd43dd8448eb211c80319c"


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_request_is_one_line_of_json(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/nowhere\n?token=secret", headers={"User-Agent": 'a "browser"\n'.strip()})
    (entry,) = lines(capfd)
    assert entry.pop("time")
    assert 0 < float(str(entry.pop("duration_ms"))) < 10_000
    assert entry == {
        "level": "info",
        "message": "request",
        "method": "GET",
        "path": "/nowhere",
        "route": "unmatched",
        "status": 404,
        "bytes": len(answer.data),
        "remote": "127.0.0.1",
        "user_agent": 'a "browser"',
    }


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_probe_and_scrape_leave_no_line(client: FlaskClient, capfd: pytest.CaptureFixture[str], path: str) -> None:
    client.get(path)
    assert lines(capfd) == []


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", TRACE),
        (f"cc-{TRACE}-b7ad6b7169203331-01-later-versions-say-more", TRACE),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-{TRACE.upper()}-b7ad6b7169203331-01", None),
        ("nonsense", None),
    ],
)
def test_trace_is_named(
    client: FlaskClient, capfd: pytest.CaptureFixture[str], traceparent: str, trace_id: str | None
) -> None:
    client.get("/api/info", headers={"traceparent": traceparent})
    assert lines(capfd)[0].get("trace_id") == trace_id


@pytest.mark.parametrize("config", [Config(access_log=False), Config(log_level="warning")])
def test_log_can_be_turned_off(config: Config, capfd: pytest.CaptureFixture[str]) -> None:
    app: Flask = create_app(config)
    app.test_client().get("/api/info")
    assert lines(capfd) == []
