import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from app.http.security_headers import HEADERS


@pytest.mark.parametrize("path", ["/", "/api/info", "/nowhere", "/metrics"])
def test_every_response_is_secured(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in HEADERS.items():
        assert headers.getlist(name) == [value]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_views_own_header_replaces_the_usual_one(app: Flask) -> None:
    policy = "default-src 'none'; form-action 'self'"

    @app.get("/form")
    def form() -> Response:
        return Response("", headers={"content-security-policy": policy})

    answer = app.test_client().get("/form")
    assert answer.headers.getlist("Content-Security-Policy") == [policy]
    assert {name: answer.headers[name] for name in HEADERS} == {**HEADERS, "Content-Security-Policy": policy}
