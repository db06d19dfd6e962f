"""The script of `helm test`, run as the test pod runs it, against servers that answer well and badly."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from helm.render import CHART

SCRIPT = CHART / "files" / "smoke.py"
GOOD = {
    "/": ("text/html; charset=utf-8", "<html></html>"),
    "/health": ("application/json", "{}"),
    "/ready": ("application/json", "{}"),
    "/api/info": ("application/json", '{"version": "1"}'),
    "/metrics": ("text/plain; version=0.0.4", 'app_build_info{version="1"} 1'),
    "/api/v1/query": ("application/json", json.dumps({"data": {"result": [{"value": [0, "1"]}]}})),
}


@contextmanager
def serving(pages: dict[str, tuple[str, str]], unanswered: int = 0) -> Iterator[str]:
    cut = iter(range(unanswered))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if next(cut, None) is not None:
                return
            kind, body = pages.get(self.path.partition("?")[0], ("", ""))
            self.send_response(200 if kind else 503)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def smoke(url: str, prometheus: str = "", replicas: int = 1) -> subprocess.CompletedProcess[str]:
    told = {"APP_URL": url, "METRICS_PATH": "/metrics", "PROMETHEUS_URL": prometheus}
    of = {"NAMESPACE": "n", "SERVICE": "s", "REPLICAS": str(replicas)}
    original = SCRIPT.read_text()
    hasty = original.replace("REACHING = 20 ", "REACHING = 1 ").replace("PATIENCE = 90 ", "PATIENCE = 1 ")
    command = [sys.executable, "-c", hasty]
    return subprocess.run(command, env=os.environ | told | of, capture_output=True, text=True, timeout=10)


def test_a_whole_release_passes() -> None:
    with serving(GOOD) as url:
        done = smoke(url, prometheus=url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "ok   Prometheus reaches every pod: up = ['1']"


@pytest.mark.parametrize(("seen", "replicas"), [(["1"], 2), (["1", "0"], 2), ([], 1)])
def test_a_release_that_prometheus_reaches_in_part_fails(seen: list[str], replicas: int) -> None:
    answer = json.dumps({"data": {"result": [{"value": [0, value]} for value in seen]}})
    with serving(GOOD | {"/api/v1/query": ("application/json", answer)}) as url:
        done = smoke(url, prometheus=url, replicas=replicas)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"FAIL Prometheus reaches every pod: up = {seen}"


@pytest.mark.parametrize(
    ("path", "page", "line"),
    [
        ("/", ("application/json", "{}"), "FAIL / is a page"),
        ("/ready", ("", ""), "/ready: HTTP Error 503"),
        ("/metrics", ("text/html", "app_build_info{} 1"), "FAIL metrics are in a format that Prometheus takes"),
        ("/metrics", ("text/plain", "up 1"), "FAIL metrics tell the build"),
    ],
)
def test_a_broken_release_fails_with_one_line(path: str, page: tuple[str, str], line: str) -> None:
    with serving(GOOD | {path: page}) as url:
        done = smoke(url)
    assert done.returncode == 1
    assert line in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_connection_that_is_cut_is_opened_again_and_that_is_said() -> None:
    with serving(GOOD, unanswered=1) as url:
        done = smoke(url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("asking again") == 1


def test_a_server_that_never_answers_fails_with_one_line() -> None:
    with serving(GOOD, unanswered=1000) as url:
        done = smoke(url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"FAIL {url}/: ")
    assert len(done.stderr.splitlines()) == 1
