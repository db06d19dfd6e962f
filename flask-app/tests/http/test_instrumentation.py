import json
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import send_file

from app import create_app
from app.config import Config
from app.http.concurrency_limit import MAX_PER_PROBE, MAX_WAITING
from app.http.instrumentation import PROBES, STREAMED, RequestInstrumentation, request_bytes
from app.http.security_headers import HEADERS
from tests.live_server import eventually

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


PROBE_THREADS = MAX_PER_PROBE * len(PROBES)


def environ(path: str = "/work") -> "WSGIEnvironment":
    return {"PATH_INFO": path, "REQUEST_METHOD": "GET"}


class Busy:
    """An application that works until it is released, and counts how many requests it works on."""

    def __init__(self, path: str = "/work") -> None:
        self.path = path
        self.released = threading.Event()
        self.inside = 0
        self.entered = threading.Semaphore(0)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] == self.path:
            self.inside += 1
            self.entered.release()
            self.released.wait(10)
        start_response("200 OK", [])
        return []


def test_no_more_than_its_slots_are_worked_on_and_probes_pass() -> None:
    busy = Busy()
    instrumentation = RequestInstrumentation(busy, slots=2)
    statuses: list[str] = []

    def answer(status: str, headers: object, info: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return len

    threads = [
        threading.Thread(target=instrumentation, args=(environ(), answer), daemon=True) for _ in range(2 + MAX_WAITING)
    ]
    for thread in threads:
        thread.start()
    assert eventually(lambda: instrumentation.limiter.occupied[0] == 2 + MAX_WAITING)
    assert all(busy.entered.acquire(timeout=10) for _ in range(2))
    assert busy.inside == 2
    for path in ("/health", "/ready", "/metrics"):
        list(instrumentation(environ(path), answer))
    assert statuses == ["200 OK"] * 3
    list(instrumentation(environ(), answer))
    assert statuses[3:] == ["503 SERVICE UNAVAILABLE"]
    busy.released.set()
    for thread in threads:
        thread.join(10)
    assert statuses.count("200 OK") == 3 + 2 + MAX_WAITING


def test_flood_of_scrapes_leaves_threads_for_other_probes() -> None:
    busy = Busy("/metrics")
    instrumentation = RequestInstrumentation(busy, slots=1)
    seen: list[tuple[str, str]] = []
    instrumentation.observers.append(
        lambda environ, route, status, seconds, sent, aborted: seen.append((route, status))
    )

    def ask(path: str) -> str:
        statuses: list[str] = []

        def answer(status: str, headers: object, info: object = None) -> Callable[[bytes], object]:
            statuses.append(status[:3])
            return len

        list(instrumentation(environ(path), answer))
        return statuses[0]

    threads = [threading.Thread(target=ask, args=("/metrics",), daemon=True) for _ in range(PROBE_THREADS)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(seen) == PROBE_THREADS - MAX_PER_PROBE)
    assert set(seen) == {("unmatched", "503")}
    assert [ask(path) for path in ("/health", "/ready", "/work", "/metrics")] == ["200", "200", "200", "503"]
    busy.released.set()
    for thread in threads:
        thread.join(10)
    assert busy.inside == MAX_PER_PROBE


@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html; charset=utf-8"), ("*/*", "application/json")])
def test_who_is_refused_gets_an_answer_like_every_other(accept: str, kind: str) -> None:
    instrumentation = RequestInstrumentation(Busy(), slots=0)
    instrumentation.limiter.occupied[0] = MAX_WAITING
    sent: dict[str, str] = {}

    def answer(status: str, headers: list[tuple[str, str]], info: object = None) -> Callable[[bytes], object]:
        sent.update(headers)
        return len

    body = b"".join(instrumentation({**environ(), "HTTP_ACCEPT": accept}, answer))
    assert sent.items() >= {"Content-Type": kind, "Vary": "Accept", "Retry-After": "1", **HEADERS}.items()
    assert b"Too many requests wait already." in body
    if kind == "application/json":
        assert json.loads(body)["status"] == 503


def test_observer_that_fails_costs_nobody_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    instrumentation = RequestInstrumentation(Busy(path="/nowhere"), slots=1)
    notified: list[str] = []

    def broken(*noted: object) -> None:
        raise OverflowError

    instrumentation.observers += [
        broken,
        lambda environ, route, status, seconds, sent, aborted: notified.append(status),
    ]
    statuses: list[str] = []

    def answer(status: str, headers: object, info: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return len

    list(instrumentation(environ(), answer))
    assert (statuses, notified) == (["200 OK"], ["200"])
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize(
    ("announced", "counted"),
    [("0", 0), ("100", 100), ("101", 0), ("9" * 20, 0), ("9" * 400, 0), ("-5", 0), ("+5", 0), ("5_0", 0), ("٣", 0)],
)
def test_size_of_a_body_is_trusted_up_to_the_largest_that_is_accepted(announced: str, counted: int) -> None:
    assert request_bytes({"CONTENT_LENGTH": announced}, limit=100) == counted


def observed(application: "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]") -> list[str]:
    """Return the statuses that observers are told of one request, whatever the application raises."""
    instrumentation = RequestInstrumentation(application, slots=1)
    told: list[str] = []
    instrumentation.observers.append(lambda environ, route, status, seconds, sent, aborted: told.append(status))
    with suppress(RuntimeError):
        instrumentation(environ(), lambda status, headers, info=None: len)
    return told


def test_failure_after_the_response_began_is_counted_as_the_500_that_the_server_answers() -> None:
    def broken_at_the_end(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "0")])
        raise RuntimeError("teardown")

    assert observed(broken_at_the_end) == ["500"]


def test_response_that_lasts_is_one_request_in_progress_while_the_application_ends() -> None:
    def streaming(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[STREAMED] = True
        start_response("200 OK", [])
        occupied.append(instrumentation.limiter.occupied[0] + instrumentation.streams.occupied[0])
        return iter([b"x"])

    occupied: list[float] = []
    instrumentation = RequestInstrumentation(streaming, slots=1)
    body = instrumentation(environ(), lambda status, headers, info=None: len)
    occupied.append(instrumentation.limiter.occupied[0] + instrumentation.streams.occupied[0])
    assert list(body) == [b"x"]
    occupied.append(instrumentation.limiter.occupied[0] + instrumentation.streams.occupied[0])
    assert occupied == [1, 1, 0]


def test_file_that_is_passed_through_without_a_size_lasts(tmp_path: Path) -> None:
    app = create_app(Config())
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_000)
    app.add_url_rule("/file", view_func=lambda: send_file(file.open("rb"), "text/plain"))
    told: list[int] = []
    observe = lambda environ, route, status, seconds, sent, aborted: told.append(sent)  # noqa: E731
    RequestInstrumentation.of(app).observers.append(observe)
    with app.test_client().get("/file") as answer:
        assert len(answer.data) == 100_000
    assert told == [100_000]
