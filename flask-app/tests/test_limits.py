import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Config
from app.limits import HEAD_BYTES
from app.metrics import Metrics


@pytest.mark.parametrize(("more", "status"), [(0, 405), (1, 413)])
@pytest.mark.parametrize("path", ["/", "/health"])
def test_body_has_a_limit_whatever_it_is_for(client: FlaskClient, path: str, more: int, status: int) -> None:
    assert client.post(path, data=b" " * (Config().max_body_bytes + more)).status_code == status


@pytest.mark.parametrize(
    ("fields", "status"), [({"A": "a" * (HEAD_BYTES - 1000)}, 200), ({"A": "a" * HEAD_BYTES}, 431)]
)
@pytest.mark.parametrize("path", ["/", "/health"])
def test_head_has_a_limit(client: FlaskClient, path: str, fields: dict[str, str], status: int) -> None:
    assert client.get(path, headers=fields).status_code == status


def test_many_small_fields_are_a_large_head(client: FlaskClient) -> None:
    fields = {f"A-{number}": "a" * 200 for number in range(90)}
    assert client.get("/", headers=fields).status_code == 431


def test_what_is_refused_is_counted(app: Flask) -> None:
    app.test_client().get("/api/info", headers={"A": "a" * HEAD_BYTES})
    labels = {"method": "GET", "route": "/api/info", "status": "431"}
    assert Metrics.of(app).exposed.get_sample_value("http_requests_total", labels) == 1
