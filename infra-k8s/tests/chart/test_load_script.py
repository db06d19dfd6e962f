"""The load script against a real server that misbehaves: each way to fail is counted, once."""

from __future__ import annotations

import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "helm/flask-app/files/load.py"
RST_ON_CLOSE = struct.pack("ii", 1, 0)


class Misbehaving(BaseHTTPRequestHandler):
    """Answers by path; see each branch."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen.append((self.client_address, self.path))
        match self.path:
            case "/error":
                self.answer(503)
            case "/missing":
                self.answer(404)
            case "/slow":
                time.sleep(1.2)
                self.answer(200)
            case "/hang":
                time.sleep(2)
                self.close_connection = True
            case "/silent":  # closes without a word
                self.close_connection = True
            case "/short":  # announces more than it sends
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
                self.close_connection = True
            case "/closing":
                self.answer(200, Connection="close")
            case "/closing-unannounced":  # in good order, after the answer
                self.answer(200)
                self.close_connection = True
            case "/resetting":  # after the answer, while nobody waits
                self.answer(200)
                self.wfile.flush()
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
                self.close_connection = True
                self.server.resetting = True
            case _:
                self.answer(200)

    def answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "2", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Remembers who asked for what; can close a connection with a reset."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Misbehaving)
        self.lock = threading.Lock()
        self.seen: list[tuple[tuple[str, int], str]] = []
        self.resetting = False
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if self.resetting:  # SO_LINGER of zero turns the close into a reset, unless it was shut down before
            self.close_request(request)
        else:
            super().shutdown_request(request)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def load(url: str, *arguments: str) -> dict[str, Any]:
    """Run the script to its end and return its report."""
    command = [sys.executable, str(SCRIPT), "--url", url, *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert finished.stdout.count("\n") == 1, finished.stdout
    report: dict[str, Any] = json.loads(finished.stdout)
    return report


def test_every_request_is_sent_once_at_the_stated_rate(server: Server) -> None:
    report = load(server.url, "--rate", "40", "--count", "20", "--path", "/", "--path", "/other")
    assert (report["sent"], report["ok"], report["failed"]) == (20, 20, 0)
    assert len(server.seen) == 20
    assert report["by_status"] == {"200": 20}
    assert 0 <= report["latest_start"] < 1
    assert report["last_sent"] - report["first_sent"] == pytest.approx(19 / 40)
    assert 0 < report["p50"] <= report["p99"] <= report["slowest"] < 1


def test_a_delay_passes_before_the_first_request(server: Server) -> None:
    begin = time.time()
    report = load(server.url, "--rate", "40", "--count", "1", "--delay", "0.5")
    assert report["first_sent"] - begin > 0.5


def test_kept_and_fresh_connections_take_turns_on_every_path(server: Server) -> None:
    report = load(server.url, "--rate", "40", "--count", "24", "--connections", "3", "--path", "/a", "--path", "/b")
    assert report["by_kind"] == {"kept_alive": {"sent": 12, "failed": 0}, "fresh": {"sent": 12, "failed": 0}}
    by_client: dict[tuple[str, int], set[str]] = {}
    for client, path in server.seen:
        by_client.setdefault(client, set()).add(path)
    assert 12 + 3 <= len(by_client) < 12 + 6, "a few connections carry the twelve that are kept"
    assert {"/a", "/b"} in by_client.values()


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/error", {"503": 4}, "status 503"),
        ("/missing", {"404": 4}, "status 404"),
        ("/silent", {}, "RemoteDisconnected"),
        ("/short", {}, "IncompleteRead"),
        ("/hang", {}, "TimeoutError"),
    ],
)
def test_each_way_to_fail_is_counted(server: Server, path: str, status: dict[str, int], error: str) -> None:
    report = load(server.url, "--rate", "40", "--count", "4", "--timeout", "0.4", "--path", path)
    assert (report["sent"], report["ok"], report["failed"]) == (4, 0, 4)
    assert report["by_status"] == status
    assert [failure["error"].startswith(error) for failure in report["failures"]] == [True] * 4
    assert report["last_failure"] == report["last_sent"]
    assert report["last_failure"] < report["last_failure_felt"] == report["last_finished"]
    assert len(server.seen) == 4, "sent more than once"


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("127.0.0.1:1", "ConnectionRefused"),
        ("nowhere.invalid", "gaierror"),
        ("a" * 64, "Unicode"),
    ],  # UnicodeError, since Python 3.13 UnicodeEncodeError
)
def test_what_could_not_be_sent_is_counted(host: str, error: str) -> None:
    report = load(f"http://{host}", "--rate", "40", "--count", "4")
    assert (report["sent"], report["failed"]) == (4, 4)
    assert error in report["failures"][0]["error"]
    assert report["p50"] is None


def test_slow_answers_are_counted_and_do_not_hold_up_the_next(server: Server) -> None:
    report = load(server.url, "--rate", "20", "--count", "6", "--connections", "1", "--path", "/slow")
    assert (report["ok"], report["slower_than_1s"]) == (6, 6)
    assert report["last_finished"] - report["first_sent"] < 6 * 1.2


@pytest.mark.parametrize(
    ("path", "cause", "other"),
    [
        ("/closing", "announced", "closed_while_idle"),
        ("/closing-unannounced", "closed_while_idle", "announced"),
    ],
)
def test_a_connection_closed_in_good_order_is_opened_again(server: Server, path: str, cause: str, other: str) -> None:
    report = load(server.url, "--rate", "20", "--count", "10", "--connections", "1", "--path", path)
    assert (report["ok"], report["failed"], len(server.seen)) == (10, 0, 10)
    assert report["reopened"][cause] >= 2
    assert report["reopened"][other] == 0


def test_a_connection_found_reset_fails_the_request_due_on_it(server: Server) -> None:
    report = load(server.url, "--rate", "20", "--count", "8", "--connections", "1", "--path", "/resetting")
    assert report["by_kind"]["fresh"]["failed"] == 0
    assert 1 <= report["by_kind"]["kept_alive"]["failed"] == report["failed"]
    assert "ConnectionResetError" in report["failures"][0]["error"]
    assert len(server.seen) == report["ok"], "the request of a failed attempt was sent after all"


def test_endless_load_sums_up_and_ends_on_sigterm(server: Server) -> None:
    command = [
        sys.executable,
        str(SCRIPT),
        "--url",
        server.url,
        "--rate",
        "50",
        "--forever",
        "--summary-seconds",
        "0.3",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        reports = [first, *map(json.loads, process.stdout)]
        assert process.wait(timeout=5) == 0
    assert all(report["failed"] == 0 for report in reports)
    assert sum(report["sent"] for report in reports) == len(server.seen)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--url", "https://a", "--count", "1"], "--url is 'https://a'"),
        (["--url", "http://a/path", "--count", "1"], "without a path"),
        (["--url", "http://a", "--count", "1", "--rate", "0"], "'0' is not above zero"),
        (["--url", "http://a"], "required"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], line: str) -> None:
    finished = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert line in finished.stderr
    assert "Traceback" not in finished.stderr
