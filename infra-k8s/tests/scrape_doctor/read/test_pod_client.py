"""Ways to a pod's port: the API server's proxy first, a port-forward where that is refused or fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import kr8s
import pytest

from scrape_doctor.read import pod_client
from scrape_doctor.read.pod_client import Denied, http_client
from tests.scrape_doctor.api_server import Allowed, ApiServer, everything, status

POD = {"metadata": {"name": "shop-0", "namespace": "web"}, "status": {}}


# What an API server answers on its version and on a review of rights, and a pod on its port.
ANSWER = b'{"gitVersion": "v1.35.0", "major": "1", "minor": "35", "status": {"allowed": true}}'


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request with its first line."""
    line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(line), line))
    await writer.drain()
    writer.close()


async def serve_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request as an API server that allows everything; one on a path that ends in /slow never."""
    line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
    if b"/slow " not in line:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(ANSWER), ANSWER))
    await reader.read()  # until the client has closed
    writer.close()


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Let a port-forward end at a server of our own, and remember what was to be forwarded."""
    found: list[tuple[str, int]] = []

    @asynccontextmanager
    async def forward(pod: Any, *, remote_port: int, local_port: str) -> AsyncIterator[int]:
        found.append((pod.name, remote_port))
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        server.close()

    monkeypatch.setattr(pod_client, "PortForward", forward)
    return found


def asked(server: ApiServer, *paths: str, headers: dict[str, str] | None = None, **options: Any) -> list[str]:
    """Return the answers on some paths, over one client."""

    async def ask() -> list[str]:
        async with http_client(server.api, POD, 8080, **options) as client:
            return [(await client.get(path, headers=headers)).text for path in paths]

    return asyncio.run(ask())


def refusing(*resources: str) -> Allowed:
    return lambda verb, resource, place: resource not in resources


def test_the_proxy_is_asked_first_and_alone(forwards: list[tuple[str, int]]) -> None:
    server = ApiServer([])
    assert asked(server, "/healthz", "/ready?full=1") == ["ok", "ok"]
    assert dict(server.asked) == {
        "web/pods/http:shop-0:8080/proxy/healthz": 1,
        "web/pods/http:shop-0:8080/proxy/ready": 1,
    }
    assert forwards == []


def test_https_is_asked_for_as_such() -> None:
    server = ApiServer([])
    asked(server, "/", scheme="HTTPS")
    assert list(server.asked) == ["web/pods/https:shop-0:8080/proxy/"]


@pytest.mark.parametrize("allowed", [refusing("pods/proxy", "services/proxy"), everything])
def test_a_port_is_forwarded_where_the_proxy_is_refused_or_does_not_reach_the_pod(
    allowed: Allowed, forwards: list[tuple[str, int]]
) -> None:
    server = ApiServer([], allowed)
    server.unreachable = {"shop-0"}
    assert asked(server, "/healthz", "/ready?full=1") == ["GET /healthz HTTP/1.1", "GET /ready?full=1 HTTP/1.1"]
    assert forwards == [("shop-0", 8080)]
    assert sum(server.asked.values()) == 1  # what failed once is not tried again


def test_the_services_proxy_is_the_second_way(forwards: list[tuple[str, int]]) -> None:
    server = ApiServer([], refusing("pods/proxy"))
    assert asked(server, "/a", services=("operated",)) == ["ok"]
    assert list(server.asked) == ["web/pods/http:shop-0:8080/proxy/a", "web/services/http:operated:8080/proxy/a"]
    assert forwards == []


def test_credentials_of_a_probe_are_not_sent_to_the_api_server(forwards: list[tuple[str, int]]) -> None:
    server = ApiServer([])
    assert asked(server, "/a", headers={"Authorization": "Bearer x"}) == ["GET /a HTTP/1.1"]
    assert sum(server.asked.values()) == 0  # GETs


def test_without_any_way_the_rights_are_named(forwards: list[tuple[str, int]]) -> None:
    server = ApiServer([], refusing("pods/proxy", "pods/portforward"))
    with pytest.raises(Denied, match="get pods/proxy, or create pods/portforward, in namespace web"):
        asked(server, "/a")
    assert forwards == []


@pytest.mark.parametrize(
    ("attribute", "error", "words"),
    [("unreachable", httpx.ConnectError, "connection refused"), ("slow", httpx.ReadTimeout, "no answer")],
)
def test_a_pod_that_the_proxy_does_not_reach_is_no_missing_right(
    attribute: str, error: type[Exception], words: str, forwards: list[tuple[str, int]]
) -> None:
    server = ApiServer([], refusing("pods/portforward"))
    setattr(server, attribute, {"shop-0"})
    with pytest.raises(error, match=words):
        asked(server, "/a")
    server.allowed = everything
    assert asked(server, "/a") == ["GET /a HTTP/1.1"]
    assert forwards == [("shop-0", 8080)]


def test_a_slow_path_of_a_pod_that_answers_is_not_asked_another_way(forwards: list[tuple[str, int]]) -> None:
    server = ApiServer([])

    async def ask() -> None:
        async with http_client(server.api, POD, 8080) as client:
            await client.get("/quick")
            server.slow = {"shop-0"}
            await client.get("/slow")

    with pytest.raises(httpx.ReadTimeout):
        asyncio.run(ask())
    assert forwards == []


@pytest.mark.parametrize("works", [False, True])
def test_a_timeout_of_the_real_client_is_the_pods_and_not_the_clusters(
    works: bool, forwards: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")

    async def ask() -> str:
        server = await asyncio.start_server(serve_slowly, "127.0.0.1", 0)
        async with server:
            api = await kr8s.asyncio.api(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            async with http_client(api, POD, 8080, seconds=0.3) as client:
                if works:
                    assert (await client.get("/quick")).status_code == 200
                return (await pod_client.get(client, "/slow")).reason

    answer = asyncio.run(asyncio.wait_for(ask(), 30))
    assert answer.startswith("timeout: no answer") if works else answer == "OK"
    assert forwards == ([] if works else [("shop-0", 8080)])


@pytest.mark.parametrize(
    ("answer", "own"),
    [
        (status(403, "no"), True),
        (httpx.Response(503, json={"status": "unready"}), False),
        (httpx.Response(404, text="not found"), False),
        (httpx.Response(200, json={"kind": "Status", "message": "it is data"}), False),
    ],
)
def test_an_error_of_the_application_is_not_taken_for_the_api_servers(answer: httpx.Response, own: bool) -> None:
    assert pod_client.is_of_api_server(answer) is own
