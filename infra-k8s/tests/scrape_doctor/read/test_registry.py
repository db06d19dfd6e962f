"""A registry asked as runtimes ask it: names in their parts, tokens for anybody, indexes and bare manifests."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.read.registry import Reference, platforms
from scrape_doctor.resources.images import failed_images
from tests.scrape_doctor.faults import waiting
from tests.scrape_doctor.world import healthy

PAGES = {
    "/v2/me/foreign/manifests/1": {
        "manifests": [
            {"platform": {"os": "linux", "architecture": "s390x"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    },
    "/v2/me/bare/manifests/latest": {"config": {"digest": "sha256:c"}},
    "/v2/me/bare/blobs/sha256:c": {"os": "linux", "architecture": "arm64"},
    "/v2/me/odd/manifests/1": {"errors": []},
}


class Registry(BaseHTTPRequestHandler):
    """Gives a token to any client and nothing without one."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/token":
            self.answer(200, {"token": query})
        elif self.headers.get("Authorization") != "Bearer service=here&scope=pull":
            challenge = f'Bearer realm="http://{self.headers["Host"]}/token",service="here",scope="pull"'
            self.answer(401, {}, {"WWW-Authenticate": challenge})
        else:
            self.answer(200 if path in PAGES else 404, PAGES.get(path, {}))

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("image", "url", "version"),
    [
        ("python", "https://registry-1.docker.io/v2/library/python", "latest"),
        ("docker.io/grafana/grafana:13", "https://registry-1.docker.io/v2/grafana/grafana", "13"),
        ("me/app:1@sha256:0a", "https://registry-1.docker.io/v2/me/app", "sha256:0a"),
        ("ghcr.io/me/app:1.2", "https://ghcr.io/v2/me/app", "1.2"),
        ("localhost:5001/me/app", "http://localhost:5001/v2/me/app", "latest"),
    ],
)
def test_a_name_is_read_as_a_runtime_reads_it(image: str, url: str, version: str) -> None:
    reference = Reference.parse(image)
    assert (reference.url, reference.version) == (url, version)


def test_the_platforms_of_an_index_and_of_a_bare_manifest_are_returned(host: str) -> None:
    images = [f"{host}/me/foreign:1", f"{host}/me/bare"]
    assert asyncio.run(platforms(images)) == {images[0]: ("linux/s390x",), images[1]: ("linux/arm64",)}


def test_an_image_that_the_registry_does_not_show_is_left_out(host: str) -> None:
    assert asyncio.run(platforms([f"{host}/me/odd:1", f"{host}/me/never:1", "127.0.0.1:9/me/app:1"])) == {}


def test_the_registry_names_the_architecture_where_the_kubelet_does_not() -> None:
    world = healthy("choosy")
    waiting("ErrImagePull", "rpc error: code = Unknown")(world)
    (image,) = failed_images(world.pods())
    world.platforms = {image: ("linux/arm64",)}
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.cause == "image-architecture"
    assert "the registry has it for linux/arm64" in found.finding.observations


def test_an_image_for_the_node_is_not_blamed() -> None:
    world = healthy("choosy")
    waiting("ErrImagePull", "rpc error: code = Unknown")(world)
    world.platforms = dict.fromkeys(failed_images(world.pods()), ("linux/amd64", "linux/arm64"))
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.cause == "image-not-pulled"
