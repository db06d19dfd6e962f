#!/usr/bin/env python3
"""Send HTTP requests at a stated rate and account for every one of them.

Open loop: request number i is due at start + i / rate, whatever became of the ones before it, and its time counts
from the moment it was due. A server that stalls cannot slow this load down and hide behind it; `latest_start` says how
far it fell behind by itself. Even numbers go over connections that are kept and reused in turn, odd numbers over a
connection of their own.

Failed is every attempt whose complete response did not arrive (no address, refused, reset, timed out, cut short) and
every response with a status of 400 or more: the paths are there. Nothing is ever sent twice.

A kept connection is opened again, as by any HTTP client, if nothing was sent on it that could have been lost: the last
response on it announced `Connection: close`, or the server had closed it in good order before the next request was
due. `reopened` counts both. A connection that is found reset fails the request that was due on it.

Standard library only, so that it runs in the application's own image.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SLOW_SECONDS = 1.0
FAILURES_SHOWN = 20


@dataclass(frozen=True)
class Attempt:
    """One request: when it was due (seconds since the epoch), how late it began, how long it took, what came of it."""

    kind: str
    path: str
    due: float
    late: float
    seconds: float
    status: int | None
    error: str

    @property
    def failed(self) -> bool:
        return bool(self.error)


@dataclass
class Tally:
    """What became of the attempts since it was started; safe to add to from many threads."""

    rate: float
    attempts: list[Attempt] = field(default_factory=list)
    reopened: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, attempt: Attempt) -> None:
        with self.lock:
            self.attempts.append(attempt)

    def count_reopened(self, cause: str) -> None:
        with self.lock:
            self.reopened[cause] += 1

    def take(self) -> dict[str, object]:
        """Report what was added since the last call and start again from nothing."""
        with self.lock:
            attempts, self.attempts = self.attempts, []
            reopened, self.reopened = self.reopened, Counter()
        return report(attempts, reopened, self.rate)


def report(attempts: list[Attempt], reopened: Counter[str], rate: float) -> dict[str, object]:
    """Sum the attempts up; times in seconds since the epoch, durations in seconds, null where there is none."""
    attempts = sorted(attempts, key=lambda attempt: attempt.due)
    failures = [attempt for attempt in attempts if attempt.failed]
    answered = sorted(attempt.seconds for attempt in attempts if not attempt.failed)
    return {
        "rate": rate,
        "sent": len(attempts),
        "ok": len(attempts) - len(failures),
        "failed": len(failures),
        "slower_than_1s": sum(seconds > SLOW_SECONDS for seconds in answered),
        "by_status": dict(sorted(Counter(str(a.status) for a in attempts if a.status is not None).items())),
        "by_kind": {
            kind: {
                "sent": sum(a.kind == kind for a in attempts),
                "failed": sum(a.kind == kind for a in failures),
            }
            for kind in ("kept_alive", "fresh")
        },
        "reopened": {cause: reopened[cause] for cause in ("announced", "closed_while_idle")},
        "first_sent": attempts[0].due if attempts else None,
        "last_sent": attempts[-1].due if attempts else None,
        "latest_start": max((attempt.late for attempt in attempts), default=None),
        "last_finished": max((a.due + a.seconds for a in attempts), default=None),
        "first_failure": failures[0].due if failures else None,
        "last_failure": failures[-1].due if failures else None,
        "last_failure_felt": max((a.due + a.seconds for a in failures), default=None),
        "p50": quantile(answered, 0.50),
        "p99": quantile(answered, 0.99),
        "slowest": answered[-1] if answered else None,
        "failures": [
            {"at": a.due, "seconds": round(a.seconds, 4), "kind": a.kind, "path": a.path, "error": a.error}
            for a in failures[:FAILURES_SHOWN]
        ],
    }


def quantile(ordered: list[float], share: float) -> float | None:
    """Return the nearest-rank quantile of values in ascending order; None of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


class Target:
    """The server under load, with the connections kept to it."""

    def __init__(self, url: str, connections: int, timeout: float, tally: Tally) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"--url is '{url}': expected http://host[:port], without a path")
        self.host, self.port = parts.hostname, parts.port or 80
        self.timeout = timeout
        self.tally = tally
        self.idle = deque(self._connection() for _ in range(connections))

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)

    def fresh(self, path: str) -> int:
        """Send one request over a connection of its own and return the response's status."""
        connection = self._connection()
        try:
            return exchange(connection, path, {"Connection": "close"}).status
        finally:
            connection.close()

    def kept_alive(self, path: str) -> int:
        """Send one request over a kept connection and return the response's status."""
        with self._borrowed() as connection:
            if closed_while_idle(connection):
                self.tally.count_reopened("closed_while_idle")
                connection.close()
            response = exchange(connection, path, {})
            if response.will_close:
                self.tally.count_reopened("announced")
            return response.status

    @contextmanager
    def _borrowed(self) -> Iterator[http.client.HTTPConnection]:
        try:
            connection = self.idle.popleft()
        except IndexError:  # all are waiting for an answer, and this request is due now
            connection = self._connection()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            self.idle.append(connection)


def exchange(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"User-Agent": "flask-app-load", **headers})
    response = connection.getresponse()
    response.read()
    return response


def closed_while_idle(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the server closed the connection in good order; raise ConnectionResetError if it was reset."""
    if connection.sock is None:
        return False
    connection.sock.setblocking(False)
    try:
        connection.sock.recv(1)
    except BlockingIOError:
        return False
    finally:
        connection.sock.settimeout(connection.timeout)
    return True  # the end of the stream, or something that no request of ours asked for


class Load:
    """Requests at a rate, until a count is reached or stop() is called."""

    def __init__(self, target: Target, paths: list[str], rate: float, tally: Tally) -> None:
        self.target, self.paths, self.rate, self.tally = target, paths, rate, tally
        self.stopping = threading.Event()

    def stop(self) -> None:
        self.stopping.set()

    def run(self, count: int | None) -> None:
        """Send `count` requests, or without end if None, and wait for the last answer."""
        # Connecting may take one timeout and the answer another: so many can be under way at once.
        at_once = math.ceil(self.rate * self.target.timeout * 2) + len(self.target.idle)
        start = time.monotonic()
        epoch = time.time() - start
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            number = 0
            while count is None or number < count:
                due = start + number / self.rate
                if self.stopping.wait(max(0.0, due - time.monotonic())):
                    return
                pool.submit(self._attempt, number, due, epoch)
                number += 1

    def _attempt(self, number: int, due: float, epoch: float) -> None:
        kind, send = (("kept_alive", self.target.kept_alive), ("fresh", self.target.fresh))[number % 2]
        path = self.paths[number // 2 % len(self.paths)]
        late = time.monotonic() - due
        status, error = None, ""
        try:
            status = send(path)
            if status >= http.client.BAD_REQUEST:
                error = f"status {status}"
        except Exception as problem:  # whatever it is, the attempt was made and must be counted
            error = f"{type(problem).__name__}: {problem}"
        self.tally.add(Attempt(kind, path, epoch + due, late, time.monotonic() - due, status, error))


class Summaries(threading.Thread):
    """Prints one line of JSON per period, so that an endless load needs no memory of all it sent."""

    def __init__(self, tally: Tally, seconds: float, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.tally, self.seconds, self.stopping = tally, seconds, stopping

    def run(self) -> None:
        while not self.stopping.wait(self.seconds):
            print(json.dumps(self.tally.take()), flush=True)


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not above zero")
    return number


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="HTTP load at a stated rate; reports as one line of JSON on stdout.")
    parser.add_argument("--url", required=True, help="http://host[:port] of the server")
    parser.add_argument("--path", action="append", dest="paths", help="path to ask for; repeat for several, in turn")
    parser.add_argument("--rate", type=positive, default=10, help="requests per second")
    parser.add_argument("--connections", type=int, default=4, help="connections to keep and reuse")
    parser.add_argument("--timeout", type=positive, default=10, help="seconds to wait for a connection, or an answer")
    parser.add_argument("--delay", type=positive, default=0, help="seconds to wait before the first request")
    parser.add_argument("--summary-seconds", type=positive, default=60, help="how often --forever reports")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--count", type=int, help="send so many requests")
    length.add_argument("--seconds", type=positive, help="send for so long, which is rate x seconds requests")
    length.add_argument("--forever", action="store_true", help="send until SIGTERM, report every --summary-seconds")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the load the arguments ask for; 0 whatever was counted, 2 if the arguments make no sense."""
    options = arguments(argv)
    tally = Tally(options.rate)
    try:
        target = Target(options.url, options.connections, options.timeout, tally)
    except ValueError as problem:
        print(f"load.py: {problem}", file=sys.stderr)
        return 2
    load = Load(target, options.paths or ["/"], options.rate, tally)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: load.stop())
    if options.forever:
        Summaries(tally, options.summary_seconds, load.stopping).start()
    count = round(options.rate * options.seconds) if options.seconds else options.count
    load.stopping.wait(options.delay)
    load.run(count)
    print(json.dumps(tally.take()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
