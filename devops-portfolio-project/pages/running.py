"""Run the shell blocks of the pages as a reader would: word for word, in the repository that they belong to."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from pages.blocks import Block
from pages.repositories import folder

# What make hands down to the commands that it runs is not what a reader's shell holds.
MAKES_OWN = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


class Failed(AssertionError):
    """A block did not do what its page says; the message holds its own words."""


@dataclass(frozen=True)
class Shell:
    """A shell at work on a block; what it says goes to a file, which no background job of its holds up."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def said(self) -> str:
        """Return the end of what it has said so far."""
        self.output.seek(0)
        return self.output.read()[-1500:].decode(errors="replace")

    def signal(self, signum: signal.Signals) -> None:
        """Signal all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signum)


@contextmanager
def shell(text: str, cwd: Path, environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[Shell]:
    """Start a shell on a text; whatever it leaves running is stopped in the end."""
    own = {name: value for name, value in os.environ.items() if name not in MAKES_OWN}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail", "-c", text],
            cwd=cwd,
            env={**own, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        started = Shell(process, output)
        try:
            yield started
        finally:
            started.signal(signal.SIGKILL)
            process.wait()


def run(block: Block, text: str | None = None, *, seconds: float = 60) -> str:
    """Run a block, or `text` in its place, and return what it said; raise Failed where it fails or takes longer."""
    with shell(text or block.text, folder(block.of)) as started:
        try:
            status = started.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{block.place}: not done after {seconds:.0f} s: {started.said()}") from None
        if status != 0:
            raise Failed(f"{block.place}: exit status {status}: {started.said()}")
        return started.said()


def serve(block: Block, *, seconds: float = 60) -> None:
    """Run a block until the application answers, then interrupt it; raise Failed where it does not come that far."""
    ports = {"PORT": str(free_port()), "PROMETHEUS_PORT": str(free_port())}
    with shell(block.text, folder(block.of), ports) as started:
        deadline = time.monotonic() + seconds
        while not answers(f"http://127.0.0.1:{ports['PORT']}/ready"):
            if started.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{block.place}: nothing answers: {started.said()}")
            time.sleep(0.1)
        started.signal(signal.SIGINT)
        started.process.wait(timeout=seconds)


def answers(url: str) -> bool:
    """Tell whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """Return a port that nothing listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        return int(held.getsockname()[1])
