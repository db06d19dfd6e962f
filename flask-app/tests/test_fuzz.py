"""Requests that nobody would write, put to a real server: generated from the document, and hardly HTTP at all."""

import itertools
import json
import random
import re
import socket
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from app.http.instrumentation import METHODS
from app.http.limits import HEAD_BYTES
from app.views.openapi import DOCUMENT
from tests.live_server import BEARER, Server, serve

PAPER = json.loads(DOCUMENT.read_text())
SCHEMA = schemathesis.openapi.from_dict(PAPER)
CHECKS = [
    checks.not_a_server_error,
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
]
PATHS = [*(re.sub("{[^}]*}", "errors", path) for path in PAPER["paths"]), "/nowhere", "/api//info"]
TOKENS = [
    b"GET",
    b"PUT",
    b"POST",
    b"BREW",
    b"get",
    b" ",
    b"\t",
    b"/",
    b"/api/stats",
    b"/api/faults/errors",
    b"*",
    b"//",
    b"/..",
    b"/%00",
    b"/%ff",
    b"?a=b",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/9.9",
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff\xfe",
    b"Host: x",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999",
    b"Content-Length: " + b"9" * 20,
    b"Content-Length: " + b"9" * 400,
    b"Content-Length: " + b"9" * 5000,
    b"POST /api/info HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
    b"Content-Type: text/plain",
    b"Transfer-Encoding: chunked",
    b"ffffffffff\r\n",
    b"0\r\n\r\n",
    b"Connection: close",
    b"Accept: text/html",
    b"Authorization: Bearer x",
    b"Expect: 100-continue",
    b"A: " + b"b" * 9000,
    b"A: " + b"b" * 40_000,
    b"{}",
    b":",
]


@pytest.fixture(scope="module", params=["false", "true"], ids=["faults-off", "faults-on"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("fuzz"), FAULTS_ENABLED=request.param) as server:
        yield server


def check_generated(server: Server, case: schemathesis.Case[Any]) -> None:
    """Ask with the right token; what this switches on is switched off before anybody feels it."""
    answer = case.call_and_validate(base_url=server.url, headers=BEARER, checks=CHECKS, timeout=10)
    if case.path == "/api/faults/{kind}" and case.method == "PUT" and answer.status_code == 200:
        server.stop_fault(case.path_parameters["kind"])


@SCHEMA.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_generated_requests_get_described_answers(server: Server, case: schemathesis.Case[Any]) -> None:
    check_generated(server, case)


@pytest.mark.long
@pytest.mark.timeout(1800)
@SCHEMA.parametrize()
@settings(max_examples=450, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_generated_requests_get_described_answers(server: Server, case: schemathesis.Case[Any]) -> None:
    check_generated(server, case)


def soup(dice: random.Random) -> bytes:
    """Return parts of requests in any order."""
    head = b"" if dice.random() < 0.3 else b"GET /api/info HTTP/1.1\r\nHost: x\r\n"
    return head + b"".join(dice.choices(TOKENS, k=dice.randint(1, 12))) + b"\r\n\r\n"


def damaged(dice: random.Random) -> bytes:
    """Return a request that was good before some of it was changed, removed or repeated."""
    fields = b"Host: x\r\nAccept: %s\r\nContent-Type: application/json\r\nContent-Length: 27\r\n"
    request = b"%s %s HTTP/1.1\r\n" + fields + b'\r\n{"rate": 0.5, "seconds": 3}'
    method, path = dice.choice([*METHODS]).encode(), dice.choice(PATHS).encode()
    accept = dice.choice([b"text/html", b"application/json", b"*/*"])
    damaged = bytearray(request % (method, path, accept))
    for _ in range(dice.randint(0, 3)):
        start = dice.randrange(len(damaged))
        end = start + dice.randint(1, 4)
        match dice.randrange(4):
            case 0:
                damaged[start:end] = dice.randbytes(end - start)
            case 1:
                del damaged[start:end]
            case 2:
                damaged[start:start] = damaged[start:end] * dice.randint(1, 3)
            case 3:
                damaged[start:start] = dice.choice(TOKENS)
    return bytes(damaged)


def send(server: Server, request: bytes) -> bytes:
    """Send bytes, say that there are no more, and return what comes back."""
    answer = b""
    # A server may hang up on garbage at any time.
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection, suppress(ConnectionError):
        connection.sendall(request)
        with suppress(OSError):  # then it has hung up already
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            answer += part
    return answer


def ask(server: Server, paths: list[str]) -> None:
    """Send one request of each known kind."""
    for path, method in itertools.product(paths, [*METHODS, "BREW"]):
        # What comes after a body that nobody read needs a new connection.
        for send in ({}, {"data": b" " * 70_000}, {"headers": {"A": "a" * HEAD_BYTES}}):
            requests.request(method, server.url + path, timeout=10, allow_redirects=False, **send)


def series(scrape: str) -> set[str]:
    return {line.rpartition(" ")[0] for line in scrape.splitlines() if not line.startswith("#")}


def scrape(server: Server) -> str:
    return requests.get(f"{server.url}/metrics", timeout=10).text


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_size_that_cannot_be_is_neither_counted_nor_a_failure(server: Server, digits: int) -> None:
    before = server.value("http_request_bytes_total")
    answer = send(server, b"POST /api/info HTTP/1.1\r\nHost: x\r\nContent-Length: %s\r\n\r\n" % (b"9" * digits))
    # Of the longest gunicorn itself makes no number.
    assert answer.startswith(b"HTTP/1.1 400" if digits == 5000 else b"HTTP/1.1 413"), answer
    assert server.value("http_request_bytes_total") == before


@contextmanager
def kept(server: Server) -> Iterator[Callable[[str, bytes], int]]:
    """Yield what asks over one connection that stays open, and returns the status of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:

        def ask(method: str, rest: bytes) -> int:
            connection.sendall(method.encode() + rest)
            answer = HTTPResponse(connection, method=method)
            answer.begin()
            answer.read()
            assert not answer.will_close
            return answer.status

        yield ask


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_random_requests_make_no_series(tmp_path: Path, count: int) -> None:
    """Random paths, methods, hosts and query strings: the same series, and a scrape's bytes within 1 %."""
    dice = random.Random(1)

    def word(letters: str, least: int = 1) -> str:
        return "".join(dice.choices(letters, k=dice.randint(least, 12)))

    with serve(tmp_path, ACCESS_LOG="false") as server:
        ask(server, PATHS)
        before = scrape(server)
        statuses = set()
        with kept(server) as put:
            for _ in range(count):
                path = "/" + "/".join(quote(word(string.ascii_letters + "é .")) for _ in range(dice.randint(1, 4)))
                method = dice.choice([*METHODS, word(string.ascii_uppercase, least=3)])
                host, query = word("abc"), word(string.ascii_letters)
                statuses.add(put(method, f" {path}?{query}=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()))
        after = scrape(server)
    assert statuses == {404}
    assert series(after) == series(before)
    assert len(after) < 1.01 * len(before)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def test_garbage_neither_fails_nor_stays(server: Server, count: int) -> None:
    """No 5xx that no fault was asked for, no traceback, no new series, no process lost."""
    dice = random.Random(10)
    # The server itself says 501 and 505 to what it does not speak.
    allowed = {"501", "505"}
    ask(server, PATHS)
    if requests.get(f"{server.url}/api/faults", timeout=5).json()["enabled"]:
        allowed.add("503")
        server.fault("errors", status=503, route="/api/info")
        ask(server, ["/api/info"])
        server.fault("errors", status=503, route="/api/info", rate=0.3, seconds=3600)
    before = scrape(server)
    for _ in range(count):
        request = dice.choice((soup, damaged))(dice)
        answer = send(server, request).decode("latin-1")
        assert not re.match(r"HTTP/1\.[01] 5", answer) or answer[9:12] in allowed, request
        assert "Traceback" not in answer, request
    after = scrape(server)
    assert series(after) == series(before)
    assert len(after) < 1.01 * len(before)
    assert server.value("http_requests_total", status="500") == 0
    # no more than all that was sent, whatever was announced
    assert server.value("http_request_bytes_total") < 1e9
    assert server.value("http_requests_total", status="503") == server.value(
        "http_requests_total", status="503", route="/api/info"
    )
    assert server.process.poll() is None
    server.log.seek(0)
    log = server.log.read()
    assert b"Traceback" not in log
    assert log.count(b"Booting worker") == 1
