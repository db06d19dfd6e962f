import json
import os
import select

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Config
from app.http import access_log, request_id
from app.http.access_log import line

TRACE = "0af7651916cd43dd8448eb211c80319c"


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_request_is_one_line_of_json(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/nowhere\n?token=secret", headers={"User-Agent": 'a "browser"\n'.strip()})
    (entry,) = lines(capfd)
    assert entry.pop("time")
    assert entry.pop("request_id") == answer.headers["X-Request-ID"]
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
        (f"ff-{TRACE}-b7ad6b7169203331-01", None),
        (f"00-{TRACE}-b7ad6b7169203331-01-only-later-versions-say-more", None),
        (f"00-{TRACE}-b7ad6b7169203331-01-", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
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


@pytest.mark.parametrize(
    ("path", "logged"), [("/%C3%A9", "/é"), ("/%E2%82%AC/x", "/€/x"), ("/%ff", "/\N{REPLACEMENT CHARACTER}")]
)
def test_path_is_logged_as_the_client_wrote_it(
    client: FlaskClient, capfd: pytest.CaptureFixture[str], path: str, logged: str
) -> None:
    client.get(path)
    assert lines(capfd)[0]["path"] == logged


@pytest.mark.parametrize("letter", ["a", "\xff", "\x00", '"', "\U0001f600".encode().decode("latin-1")])
def test_line_is_written_to_a_pipe_in_one_piece_whatever_a_client_sends(letter: str) -> None:
    text = letter * 32_000
    environ = {
        "REQUEST_METHOD": "M" * 20,
        "PATH_INFO": "/" + text,
        "HTTP_USER_AGENT": text,
        "REMOTE_ADDR": text,
        "HTTP_TRACEPARENT": f"00-{TRACE}-b7ad6b7169203331-01",
        request_id.KEY: "i" * 128,
    }
    written = line(environ, "/api/faults/<kind>", "500", 12345.678, 1 << 40, aborted=True)
    assert len(written) <= select.PIPE_BUF
    assert json.loads(written)["trace_id"] == TRACE


def test_answer_to_head_has_no_bytes(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    assert int(client.head("/api/info").headers["Content-Length"]) > 0
    assert lines(capfd)[0]["bytes"] == 0


def test_log_that_cannot_be_written_costs_nobody_the_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read, full = os.pipe()
    os.close(read)
    monkeypatch.setattr(access_log, "STDOUT", full)
    assert client.get("/api/info").status_code == 200
    os.close(full)
    assert not caplog.records
