"""A real gunicorn for tests, on a free port of this machine."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from app.config import Config

ROOT = Path(__file__).parent.parent
TOKEN = "a-token-only-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.port}"

    def fault(self, kind: str, **payload: object) -> None:
        """Switch a fault on."""
        answer = requests.put(f"{self.url}/api/faults/{kind}", json=payload, headers=BEARER, timeout=10)
        assert answer.status_code == 200, answer.text

    def stop_fault(self, kind: str) -> None:
        """Switch a fault off."""
        answer = requests.delete(f"{self.url}/api/faults/{kind}", headers=BEARER, timeout=10)
        assert answer.status_code == 204, answer.text

    def ask_until_closed(self, stopping: threading.Event) -> int:
        """Ask over a kept connection until the server closes it, and return how often it answered.

        It answers each time, and closes no connection before it is `stopping`.
        """
        served = 0
        with requests.Session() as session:
            while True:
                answer = session.get(self.url + "/api/info", timeout=5)
                assert answer.status_code == 200
                served += 1
                if answer.headers["Connection"] == "close":
                    assert stopping.is_set()
                    return served

    def value(self, name: str, **labels: str) -> float:
        """Scrape, and return the sum of the samples that carry these labels."""
        samples = [sample for sample in self.samples() if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def samples(self) -> Iterator[Sample]:
        """Scrape, and yield all there is."""
        scrape = requests.get(f"{self.url}/metrics", timeout=5).text
        for family in text_string_to_metric_families(scrape):
            yield from family.samples


@contextmanager
def serve(directory: Path, *application: str, **environ: str) -> Iterator[Server]:
    """Run gunicorn as the image does, with faults enabled, and stop it at the end; `application` is another one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = {setting.variable for setting in Config.settings().values()}
    inherited = {name: value for name, value in os.environ.items() if name not in known}
    settings = {"PORT": str(port), "FAULTS_ENABLED": "true", "FAULTS_TOKEN": TOKEN, **environ}
    with (directory / "server.log").open("w+b") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *application],
            cwd=ROOT,
            env={**inherited, **settings},
            stdout=log,
            stderr=log,
        )
        try:
            _wait(port, process)
            yield Server(port, process, log)
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server stopped before it served"
        with suppress(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/health", timeout=10)
            return
        time.sleep(0.05)
    raise AssertionError("the server did not answer within 30 seconds")


def eventually(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether something becomes true in time; asks often, so that nobody waits longer than it takes."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
