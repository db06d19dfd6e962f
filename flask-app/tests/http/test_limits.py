import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app.config import Config
from app.http.limits import FIELD_BYTES, FIELDS, HEAD_BYTES
from app.metrics import Metrics
from tests.live_server import Server, eventually, serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("limits"), ACCESS_LOG="false") as server:
        yield server


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


def test_names_of_fields_count_as_well(client: FlaskClient) -> None:
    fields = {f"A-{number:0{HEAD_BYTES // 2}}": "" for number in range(2)}
    assert client.get("/", headers=fields).status_code == 431


def test_what_is_refused_is_counted(app: Flask) -> None:
    app.test_client().get("/api/info", headers={"A": "a" * HEAD_BYTES})
    labels = {"method": "GET", "route": "/api/info", "status": "431"}
    assert Metrics.of(app).registry.get_sample_value("http_requests_total", labels) == 1


@pytest.mark.long
@pytest.mark.usefixtures("linux")
def test_heads_that_never_end_take_a_bounded_memory(tmp_path: Path) -> None:
    """50 clients that send as much of a head as the server keeps, and never its end."""
    unfinished = b"GET / HTTP/1.1\r\n" + (b"A: " + b"a" * (FIELD_BYTES - 100) + b"\r\n") * 200
    with serve(tmp_path, ACCESS_LOG="false") as server, ExitStack() as stack:

        def grown() -> float:
            return (server.value("process_resident_memory_bytes") - before) / (1 << 20)

        before = server.value("process_resident_memory_bytes")
        for _ in range(50):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            # Just less than what is refused, so that it is kept.
            one.sendall(unfinished[: FIELDS * FIELD_BYTES - 8192])
        assert eventually(lambda: grown() > 30)
        # 50 heads of 0.7 MB, each kept twice and copied as it grows
        assert not eventually(lambda: grown() > 150, seconds=2)
        # While it looks through these heads, which takes CPU time of everybody's.
        assert requests.get(server.url + "/ready", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "who"),
    [
        ({"A": "a" * HEAD_BYTES}, 431, "application/json"),
        ({"A": "a" * FIELD_BYTES}, 431, "text/html"),
        ({f"A-{number}": "" for number in range(FIELDS - 10)}, 200, "application/json"),
        ({f"A-{number}": "" for number in range(FIELDS)}, 431, "text/html"),
    ],
)
def test_server_refuses_only_what_the_application_would(
    server: Server, fields: dict[str, str], status: int, who: str
) -> None:
    answer = requests.get(server.url + "/api/info", headers=fields, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, who)
