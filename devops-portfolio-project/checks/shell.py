"""Run the shell blocks of the pages as a reader would: word for word, in the folder that they are written for."""

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

from checks.blocks import Block
from checks.repositories import folder

# Variables that make passes to its commands; a reader's shell has none of them.
MAKE_VARIABLES = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


class BlockFailed(AssertionError):
    """A block did not do what its page says; the message ends with its output."""


@dataclass(frozen=True)
class Shell:
    """A running shell. Its output goes to a file, so that a background job cannot block on it."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def output_tail(self) -> str:
        """Return the end of the output so far."""
        self.output.seek(0)
        return self.output.read()[-1500:].decode(errors="replace")

    def signal(self, signum: signal.Signals) -> None:
        """Signal the shell and every process that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signum)


@contextmanager
def shell(text: str, cwd: Path, environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[Shell]:
    """Start a shell on a text; kill what is still running at the end."""
    own = {name: value for name, value in os.environ.items() if name not in MAKE_VARIABLES}
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
    """Run a block, or `text` in its place, and return the output; raise BlockFailed on a failure or after `seconds`."""
    with shell(text or block.text, folder(block.source)) as started:
        try:
            status = started.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BlockFailed(f"{block.place}: still running after {seconds:.0f} s: {started.output_tail()}") from None
        if status != 0:
            raise BlockFailed(f"{block.place}: exit status {status}: {started.output_tail()}")
        return started.output_tail()


def serve(block: Block, *, seconds: float = 60) -> None:
    """Run a block until the application answers, then interrupt it; raise BlockFailed after `seconds`."""
    ports = {"PORT": str(free_port()), "PROMETHEUS_PORT": str(free_port())}
    with shell(block.text, folder(block.source), ports) as started:
        deadline = time.monotonic() + seconds
        while not answers(f"http://127.0.0.1:{ports['PORT']}/ready"):
            if started.process.poll() is not None or time.monotonic() > deadline:
                raise BlockFailed(f"{block.place}: nothing answers: {started.output_tail()}")
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
    with closing(socket.create_server(("127.0.0.1", 0))) as reserved:
        return int(reserved.getsockname()[1])
