import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.traffic import WAITING, Traffic

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def environ(path: str = "/work") -> "WSGIEnvironment":
    return {"PATH_INFO": path, "REQUEST_METHOD": "GET"}


class Busy:
    """An application that works until it is released, and counts how many requests it works on."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.inside = 0
        self.entered = threading.Semaphore(0)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/work":
            self.inside += 1
            self.entered.release()
            self.released.wait(10)
        start_response("200 OK", [])
        return []


def test_no_more_than_its_slots_are_worked_on_and_probes_pass() -> None:
    busy = Busy()
    traffic = Traffic(busy, slots=2)
    statuses: list[str] = []

    def answer(status: str, headers: object, info: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return len

    threads = [threading.Thread(target=traffic, args=(environ(), answer)) for _ in range(2 + WAITING)]
    for thread in threads:
        thread.start()
    assert all(busy.entered.acquire(timeout=10) for _ in range(2))
    assert busy.inside == 2
    for path in ("/health", "/ready", "/metrics"):
        list(traffic(environ(path), answer))
    assert statuses == ["200 OK"] * 3
    list(traffic(environ(), answer))
    assert statuses[3:] == ["503 Service Unavailable"]
    busy.released.set()
    for thread in threads:
        thread.join(10)
    assert statuses.count("200 OK") == 3 + 2 + WAITING
