"""What only a real server can show: a whole life of processes, sockets and signals."""

import json
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from app.config import Config
from app.http.concurrency_limit import MAX_WAITING
from app.http.instrumentation import server_threads
from app.server.records import RECORD_BYTES
from tests.live_server import Server, eventually, serve


def log(server: Server) -> list[dict[str, object]]:
    server.log.seek(0)
    return [json.loads(line) for line in server.log.read().splitlines()]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ask(server: Server, path: str = "/api/info") -> bool:
    """Ask over a fresh connection; return whether there was an answer."""
    try:
        return requests.get(server.url + path, timeout=10).status_code == 200
    except requests.RequestException:
        return False


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """Scrape over and over; yield the counts of requests that were seen. No count of anything may ever go back."""
    seen: list[float] = []
    least: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    back: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            with suppress(requests.RequestException):  # the worker that is asked may be killed
                samples = list(server.samples())
                seen.append(sum(sample.value for sample in samples if sample.name == "http_requests_total"))
                for sample in samples:
                    if sample.name.endswith(("_total", "_count", "_bucket", "_sum")):
                        series = sample.name, frozenset(sample.labels.items())
                        if sample.value < least.get(series, 0):
                            back.append(f"{sample.name} went from {least[series]} to {sample.value}")
                        least[series] = sample.value
            time.sleep(0.1)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
    assert back == []


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    path = tmp_path / "shared"
    path.mkdir()
    return path


def test_routes_are_counted_by_their_template(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        assert ask(server)
        requests.get(server.url + "/api/faults/latency?x=1", timeout=5)
        requests.get(server.url + "/nowhere", timeout=5)
        requests.delete(server.url + "/api/info", timeout=5)
        assert server.value("http_requests_total", route="/api/info", status="200") == 1
        assert server.value("http_requests_total", route="unmatched", status="404") == 1
        assert server.value("http_requests_total", route="unmatched", status="405") == 2
        assert server.value("http_request_duration_seconds_count") == server.value("http_requests_total") == 4
        routes = [entry["route"] for entry in log(server) if entry["message"] == "request"]
        assert routes[0] == "/api/info"


@pytest.mark.parametrize("requests_each", [pytest.param(60), pytest.param(1000, marks=pytest.mark.long)])
def test_recycled_workers_lose_no_count(tmp_path: Path, shared: Path, requests_each: int) -> None:
    """Workers that retire after 25 requests: exact counts that never go back, in files that do not multiply."""
    environ = {"WEB_CONCURRENCY": "2", "STATE_DIR": str(shared), "GUNICORN_CMD_ARGS": "--max-requests 25"}
    with serve(tmp_path, ACCESS_LOG="false", **environ) as server:
        with watched(server) as seen, ThreadPoolExecutor(4) as clients:
            answered = sum(clients.map(lambda _: ask(server), range(4 * requests_each)))
        assert answered == 4 * requests_each
        assert server.value("http_requests_total") == answered
        assert server.value("http_request_duration_seconds_count") == answered
        assert server.value("http_requests_in_progress") == 0
        assert seen == sorted(seen)
        assert not [entry for entry in log(server) if "exception" in entry]
        booted = sum("Booting worker" in str(entry["message"]) for entry in log(server))
        assert booted > 4
        files = list(shared.glob("worker-*"))
        # of the two workers, and of one that starts while another still stops
        assert len(files) <= 3
        # a header about the worker, and a record for each kind of request that there was
        assert all(path.stat().st_size <= 2 * RECORD_BYTES for path in files)


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("kills", [pytest.param(6), pytest.param(60, marks=pytest.mark.long)])
def test_killed_workers_lose_no_count(tmp_path: Path, shared: Path, kills: int) -> None:
    """SIGKILL under load. An answered request is counted; one that got no answer may be, its worker died with it."""
    environ = {"WEB_CONCURRENCY": "2", "STATE_DIR": str(shared), "ACCESS_LOG": "false"}
    with serve(tmp_path, **environ) as server:
        answered = attempted = 0
        with watched(server) as seen, ThreadPoolExecutor(4) as clients:
            for _ in range(kills):
                asked = [clients.submit(ask, server) for _ in range(40)]
                time.sleep(0.05)
                assert eventually(lambda: len(children(server.process.pid)) == 2)
                os.kill(random.choice(children(server.process.pid)), signal.SIGKILL)
                attempted += len(asked)
                answered += sum(one.result() for one in asked)
        assert eventually(lambda: len(children(server.process.pid)) == 2)
        assert answered > attempted / 2
        assert answered <= server.value("http_requests_total") <= attempted
        assert server.value("http_requests_in_progress") == 0
        assert seen == sorted(seen)
        assert len(list(shared.glob("worker-*"))) <= 3
        assert server.value("app_workers") == 2


@pytest.mark.usefixtures("linux")
def test_several_workers_answer_for_all_of_the_processes(tmp_path: Path) -> None:
    with serve(tmp_path, WEB_CONCURRENCY="2") as server:
        one = server.value("process_cpu_seconds_total")
        assert all(ask(server) for _ in range(50))
        seen = [server.value("process_cpu_seconds_total") for _ in range(5)]
        assert one <= seen[0]
        assert seen == sorted(seen)
        assert server.value("process_resident_memory_bytes") > 60 << 20
        assert server.value("app_build_info") == 1


def test_busy_server_still_answers_probes_and_scrapes(tmp_path: Path) -> None:
    """More slow requests than fit in: each slot works, each place to wait is taken, the rest is told so at once."""
    with serve(tmp_path, THREADS="2", ACCESS_LOG="false", SHUTDOWN_TIMEOUT_SECONDS="1") as server:
        server.fault("latency", delay_seconds=8, route="/api/info")
        sockets = []
        for _ in range(2 + MAX_WAITING + 20):
            one = socket.create_connection(("127.0.0.1", server.port))
            one.sendall(b"GET /api/info HTTP/1.1\r\nHost: a\r\n\r\n")
            sockets.append(one)
        assert eventually(lambda: server.value("http_requests_total", status="503") == 20)
        assert server.value("http_requests_in_progress") == 2 + MAX_WAITING
        for path in ("/metrics", "/health", "/ready"):
            started = time.monotonic()
            assert requests.get(server.url + path, timeout=5).status_code == 200
            assert time.monotonic() - started < 1
        for one in sockets:
            one.close()


def test_slow_request_blocks_no_other(tmp_path: Path) -> None:
    with serve(tmp_path, ACCESS_LOG="false") as server, ThreadPoolExecutor(1) as pool:
        server.fault("latency", delay_seconds=1.5, route="/openapi.json")
        slow = pool.submit(ask, server, "/openapi.json")
        assert eventually(lambda: server.value("http_requests_in_progress") == 1)
        assert all(ask(server) for _ in range(20))
        assert not slow.done()
        assert slow.result()


def test_request_that_computes_blocks_no_other(tmp_path: Path) -> None:
    """Others are served while one request takes a second of CPU time without ever waiting."""
    computing = "tests.server.computing:create_computing_app()"
    with serve(tmp_path, computing, ACCESS_LOG="false") as server, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, server, "/compute")
        assert eventually(lambda: server.value("http_requests_in_progress") == 1)
        for path in ("/api/info", "/ready", "/metrics") * 4:
            assert ask(server, path)
        assert not slow.done()
        assert slow.result()


def test_slow_senders_do_not_shut_others_out(tmp_path: Path) -> None:
    """200 clients that send a byte a second, of a head or of a body, hold a thread each; the others find one still."""
    assert server_threads(Config(threads=2)) - 2 > 200
    head = b"GET /api/info HTTP/1.1\r\nHost: slow\r\n\r\n"
    body = b"PUT /api/faults/errors HTTP/1.1\r\nHost: slow\r\nContent-Length: 1000\r\n\r\n"
    with serve(tmp_path, THREADS="2", ACCESS_LOG="false") as server:
        heads, bodies = ([socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)] for _ in range(2))
        for one in bodies:
            one.sendall(body)
        slowest = 0.0
        for second in range(3):
            for one in heads:
                one.sendall(head[second : second + 1])
            for one in bodies:
                one.sendall(b" ")
            until = time.monotonic() + 1
            while time.monotonic() < until:
                started = time.monotonic()
                assert ask(server)
                assert ask(server, "/ready")
                slowest = max(slowest, time.monotonic() - started)
        assert slowest < 1
        for one in heads:
            one.sendall(head[3:])
            assert one.recv(12) == b"HTTP/1.1 200"
            one.close()
        for one in bodies:
            assert one.recv(12) == b"HTTP/1.1 401"
            one.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_stop_drains_before_it_ends(tmp_path: Path, workers: str) -> None:
    """Unready first while everything is still served, connections close by themselves, what is in flight ends well."""
    environ = {"WEB_CONCURRENCY": workers, "SHUTDOWN_DRAIN_SECONDS": "1"}
    with serve(tmp_path, **environ) as server, requests.Session() as kept, ThreadPoolExecutor(1) as pool:
        assert kept.get(server.url + "/api/info", timeout=5).headers["Connection"] == "keep-alive"
        server.fault("latency", delay_seconds=2, route="/openapi.json")
        in_flight = pool.submit(requests.get, server.url + "/openapi.json", timeout=10)
        assert eventually(lambda: server.value("http_requests_in_progress") == 1)
        started = time.monotonic()
        server.process.terminate()
        assert eventually(lambda: not ask(server, "/ready"), seconds=0.5)
        assert requests.get(server.url + "/ready", timeout=5).status_code == 503
        assert requests.get(server.url + "/health", timeout=5).status_code == 200
        assert server.value("app_ready") == 0
        answer = kept.get(server.url + "/api/info", timeout=5)
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        assert in_flight.result().status_code == 200
        assert server.process.wait(10) == 0
        assert 1 < time.monotonic() - started < 8


def test_clients_notice_nothing_of_a_stop(tmp_path: Path) -> None:
    """Kept-alive clients that go on until their connection is closed to them: not one request fails."""
    with serve(tmp_path, SHUTDOWN_DRAIN_SECONDS="1", ACCESS_LOG="false") as server:
        stopping = threading.Event()
        with ThreadPoolExecutor(8) as pool:
            clients = [pool.submit(server.ask_until_closed, stopping) for _ in range(8)]
            time.sleep(0.5)
            stopping.set()
            server.process.terminate()
            served = sum(one.result() for one in clients)
        assert served > 8
        assert server.process.wait(10) == 0


def test_stop_is_bounded(tmp_path: Path) -> None:
    with serve(tmp_path, SHUTDOWN_TIMEOUT_SECONDS="1") as server:
        server.fault("latency", delay_seconds=10, route="/api/info")
        threading.Thread(target=ask, args=(server,), daemon=True).start()
        assert eventually(lambda: server.value("http_requests_in_progress") == 1)
        started = time.monotonic()
        server.process.terminate()
        server.process.wait(8)
        assert time.monotonic() - started < 5


def test_ctrl_c_ends_at_once_also_in_the_middle_of_a_request(tmp_path: Path) -> None:
    with serve(tmp_path, SHUTDOWN_DRAIN_SECONDS="20") as server:
        server.fault("latency", delay_seconds=10, route="/api/info")
        threading.Thread(target=ask, args=(server,), daemon=True).start()
        assert eventually(lambda: server.value("http_requests_in_progress") == 1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        assert time.monotonic() - started < 3


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with serve(tmp_path, WEB_CONCURRENCY="2", TMPDIR=str(tmp_path)) as server:
        assert ask(server)
        assert list(tmp_path.glob("flask-app-*"))
        server.process.terminate()
        server.process.wait(10)
    assert not list(tmp_path.glob("*flask-app-*"))


def test_nothing_is_left_behind_by_a_server_that_read_its_settings_again(tmp_path: Path) -> None:
    with serve(tmp_path, TMPDIR=str(tmp_path)) as server:
        server.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: sum("Booting worker" in str(entry["message"]) for entry in log(server)) == 2)
        assert ask(server)
        server.process.terminate()
        server.process.wait(30)
    assert not list(tmp_path.glob("*flask-app-*"))


@pytest.mark.usefixtures("linux")
def test_leftovers_of_a_crash_are_removed_and_nothing_of_a_running_server(tmp_path: Path) -> None:
    """In a pod /tmp is memory, and outlives a container that was killed."""
    (tmp_path / "one").mkdir()
    with serve(tmp_path, TMPDIR=str(tmp_path)) as lives, serve(tmp_path / "one", TMPDIR=str(tmp_path)) as dies:
        before = set(tmp_path.glob("flask-app-server-*"))
        assert len(before) == 2
        workers = children(dies.process.pid)
        dies.process.kill()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        dies.process.wait(10)
        with serve(tmp_path / "one", TMPDIR=str(tmp_path)):
            after = set(tmp_path.glob("flask-app-server-*"))
            assert len(after) == 2
            assert len(after & before) == 1
        lives.fault("latency", delay_seconds=1)
        assert lives.value("app_fault_active", fault="latency") == 1


def test_every_line_of_the_log_is_json(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        ask(server)
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(b"NONSENSE\r\n\r\n")
            assert b" 400 " in raw.recv(1000).splitlines()[0]
        server.process.terminate()
        server.process.wait(10)
        assert {"time", "level", "message"} <= set.intersection(*(set(entry) for entry in log(server)))
