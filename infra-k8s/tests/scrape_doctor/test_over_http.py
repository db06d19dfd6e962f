"""The command against an API server over HTTP, with the client that it really uses."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scrape_doctor.__main__ import main
from tests.scrape_doctor.api_server import ApiServer
from tests.scrape_doctor.faults import put
from tests.scrape_doctor.read.test_rights import only_in
from tests.scrape_doctor.test_odd_clusters import server

PATH = re.compile(r"/(?:api/v1|apis(?:/[^/]+/[^/]+)?)/(?:namespaces/(?P<namespace>[^/]+)/(?=[a-z]+))?(?P<url>.+)")
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u, namespace: garage}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:PORT"}}]
users: [{name: u, user: {token: t}}]
"""


@pytest.fixture
def cluster() -> ApiServer:
    return server()


@pytest.fixture(autouse=True)
def over_http(cluster: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve the cluster and let a kubeconfig name it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def answer(self, body: object = None) -> None:
            if self.path.rstrip("/") == "/version":
                self.reply(200, b'{"major": "1", "minor": "34", "gitVersion": "v1.34.0"}')
                return
            found = PATH.fullmatch(self.path)
            assert found, self.path
            assert self.headers["Authorization"] == "Bearer t"

            async def ask() -> tuple[int, bytes]:
                arguments = {"url": found["url"], "namespace": found["namespace"], "json": body}
                async with cluster.call_api(self.command, **arguments) as response:  # type: ignore[arg-type]
                    return response.status_code, response.content

            self.reply(*asyncio.run(ask()))

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    file = tmp_path / "config"
    file.write_text(KUBECONFIG.replace("PORT", str(http_server.server_address[1])))
    monkeypatch.setenv("KUBECONFIG", str(file))
    monkeypatch.setattr("scrape_doctor.temporary_files.delete_at_exit", lambda: None)
    yield
    http_server.shutdown()
    http_server.server_close()


def test_a_whole_target_of_the_kubeconfigs_namespace_is_examined(
    cluster: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deployment/car-engine", "--output", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["whole"], answer["namespace"]) == (True, "garage")
    assert any("/pods/http:prometheus-p-0:9090/proxy/api/v1/targets" in path for path in cluster.asked)


def test_a_cluster_is_examined_and_its_broken_monitor_named(
    cluster: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    put("servicemonitors", "metadata", "labels", value={})(cluster.worlds[0])
    assert main(["--all"]) == 1
    printed = capsys.readouterr()
    assert "monitor-label" in printed.out
    assert printed.err == ""


def test_a_stranger_with_rights_in_one_namespace_alone_learns_what_it_decides(
    cluster: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.allowed = only_in("garage")
    assert main(["deployment/car-engine", "--output", "json"]) == 2
    links = {each["link"]: each for each in json.loads(capsys.readouterr().out)["links"]}
    assert links["port-name"]["state"] == "ok"
    assert links["prometheus"]["message"].startswith("needs the right to list prometheuses")
