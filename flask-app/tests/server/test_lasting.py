"""Responses that last: told when they end, as what they were, and never in the way of others."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from simple_websocket import Client

from app.http.concurrency_limit import MAX_STREAMS
from tests.live_server import Server, eventually, serve
from tests.server.lasting import DOWNLOAD_BYTES, MEBIBYTE
from tests.server.test_serving import ask, log

APPLICATION = "tests.server.lasting:create_lasting_app()"
DOWNLOADS = ["memory", "generated", "file"]


def open_request(server: Server, path: str) -> socket.socket:
    """Send a request, and return the connection that its response comes on."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return connection


def status(connection: socket.socket) -> str:
    return connection.recv(12).decode()[9:]


def lines(server: Server, route: str) -> list[dict[str, object]]:
    """Return the access log's lines of a route."""
    return [entry for entry in log(server) if entry.get("route") == route]


def test_stream_is_in_progress_until_it_ends_and_is_told_then(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION) as server:
        with requests.get(f"{server.url}/numbers", stream=True, timeout=10) as answer:
            received = answer.iter_lines(chunk_size=1)
            assert next(received) == b"0"
            assert server.value("http_requests_in_progress") == 1
            assert server.value("http_requests_total", route="/numbers") == 0
            assert lines(server, "/numbers") == []
            time.sleep(0.3)
            assert ask(server, "/go")
            assert len(list(received)) == 9
        assert server.value("http_requests_in_progress") == 0
        assert server.value("http_requests_total", route="/numbers", status="200") == 1
        assert server.value("http_request_duration_seconds_sum", route="/numbers") > 0.3
        assert server.value("http_response_bytes_total") == 20 + len("gone")
        assert server.value("http_responses_aborted_total") == 0
        (line,) = lines(server, "/numbers")
        assert line["bytes"] == 20
        assert line["duration_ms"] > 300  # type: ignore[operator]
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert "aborted" not in line


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_download_is_counted_to_the_byte(tmp_path: Path, kind: str) -> None:
    with serve(tmp_path, APPLICATION) as server:
        assert len(requests.get(f"{server.url}/download/{kind}", timeout=30).content) == DOWNLOAD_BYTES
        assert server.value("http_response_bytes_total") == DOWNLOAD_BYTES
        assert server.value("http_responses_aborted_total") == 0


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_aborted_download_is_told_as_aborted_with_what_was_sent(tmp_path: Path, kind: str) -> None:
    with serve(tmp_path, APPLICATION) as server:
        with open_request(server, f"/download/{kind}") as connection:
            assert status(connection) == "200"
            assert connection.recv(MEBIBYTE)
        assert eventually(lambda: server.value("http_responses_aborted_total") == 1)
        # What lies between server and client counts as sent.
        assert 0 < server.value("http_response_bytes_total") < DOWNLOAD_BYTES / 2
        assert server.value("http_requests_in_progress") == 0
        assert server.value("http_requests_total", route=f"/download/{kind}", status="200") == 1
        (line,) = lines(server, f"/download/{kind}")
        assert line["aborted"] is True
        assert line["bytes"] == server.value("http_response_bytes_total")


def test_stream_that_fails_before_its_first_byte_is_a_failure(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION) as server:
        assert requests.get(f"{server.url}/failing/0", timeout=10).status_code == 500
        assert server.value("http_requests_total", route="/failing/<int:after>", status="500") == 1
        assert server.value("http_requests_total", status="200") == 0
        (traceback,) = (entry for entry in log(server) if "exception" in entry)
        assert "ValueError: no more lines" in str(traceback["exception"])
        (line,) = lines(server, "/failing/<int:after>")
        assert (line["status"], line["request_id"]) == (500, traceback["request_id"])


def test_stream_that_fails_later_breaks_off_and_is_told_as_aborted(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION) as server:
        with requests.get(f"{server.url}/failing/2", stream=True, timeout=10) as answer:
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                assert answer.content
            assert answer.status_code == 200
        assert eventually(lambda: server.value("http_responses_aborted_total") == 1)
        (traceback,) = (entry for entry in log(server) if "exception" in entry)
        assert "ValueError: no more lines" in str(traceback["exception"])
        assert traceback["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_event_streams_never_shut_out_others_and_end_with_the_server(tmp_path: Path, workers: str) -> None:
    """However many clients hold on: each stream has a place or is refused at once."""
    attempted = 330 if workers == "1" else 2 * 330
    environ = {"WEB_CONCURRENCY": workers, "ACCESS_LOG": "false", "SHUTDOWN_TIMEOUT_SECONDS": "20"}
    with serve(tmp_path, APPLICATION, **environ) as server, ExitStack() as stack:
        held = [stack.enter_context(open_request(server, "/events")) for _ in range(attempted)]
        statuses = [status(connection) for connection in held]
        assert set(statuses) == {"200", "503"}
        open_streams = statuses.count("200")
        assert open_streams >= MAX_STREAMS
        assert server.value("http_requests_in_progress") == open_streams
        assert server.value("http_requests_total", route="/events", status="503") == attempted - open_streams
        for path in ("/health", "/ready", "/metrics", "/api/info", "/", "/download/memory"):
            assert ask(server, path), path
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert b"SIGKILL" not in (tmp_path / "server.log").read_bytes()


def test_place_of_a_client_that_left_is_free_again(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION, ACCESS_LOG="false", SHUTDOWN_TIMEOUT_SECONDS="5") as server:
        with ExitStack() as stack:
            held = [stack.enter_context(open_request(server, "/events")) for _ in range(MAX_STREAMS)]
            assert {status(connection) for connection in held} == {"200"}
            assert not ask(server, "/numbers")
            assert ask(server, "/go")
        assert eventually(lambda: server.value("http_requests_in_progress") == 0, seconds=30)
        assert ask(server, "/numbers")


def test_stop_cuts_only_the_streams(tmp_path: Path) -> None:
    environ = {"SHUTDOWN_DRAIN_SECONDS": "1", "SHUTDOWN_TIMEOUT_SECONDS": "20", "ACCESS_LOG": "false"}
    with serve(tmp_path, APPLICATION, **environ) as server, ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        held = [stack.enter_context(open_request(server, "/events")) for _ in range(50)]
        assert {status(connection) for connection in held} == {"200"}
        stopping = threading.Event()
        clients = [pool.submit(server.ask_until_closed, stopping) for _ in range(4)]
        download = pool.submit(requests.get, f"{server.url}/numbers", timeout=10)
        assert eventually(lambda: server.value("http_requests_in_progress") >= 51)
        stopping.set()
        server.process.terminate()
        assert ask(server, "/go")
        assert sum(each.result() for each in clients) > 4
        assert download.result().text.endswith("9\n")
        assert server.process.wait(20) == 0


def test_websocket_is_no_failure_and_takes_the_threads_of_none(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION, THREADS="1", SHUTDOWN_TIMEOUT_SECONDS="5") as server:
        sockets = [Client(f"ws://127.0.0.1:{server.port}/echo") for _ in range(5)]
        for number, each in enumerate(sockets):
            each.send(f"hello {number}")
            assert each.receive(timeout=10) == f"hello {number}"
        assert server.value("http_requests_in_progress") == 5
        assert all(ask(server) for _ in range(5))
        for each in sockets:
            each.close()
        assert eventually(lambda: server.value("http_requests_total", route="/echo", status="101") == 5)
        assert server.value("http_requests_in_progress") == 0
        assert server.value("http_requests_total", status="500") == 0
        assert [line["status"] for line in lines(server, "/echo")] == [101] * 5, json.dumps(log(server))
        # Whoever only says that he wants a WebSocket gets no view and no thread beside the limit.
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        assert requests.get(f"{server.url}/api/info", headers=upgrade, timeout=5).status_code == 400
        assert requests.get(f"{server.url}/echo", timeout=5).status_code == 400
