import pytest
from flask.testing import FlaskClient

from app.http.security_headers import HEADERS


@pytest.mark.parametrize("path", ["/", "/api/info", "/nowhere", "/metrics"])
def test_every_response_is_secured(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in HEADERS.items():
        assert headers.getlist(name) == [value]
    assert "unsafe" not in headers["Content-Security-Policy"]
