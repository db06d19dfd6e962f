"""Both ways to work on it serve a change of a file without being started again: on a copy, which may be changed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.live_server import ROOT, eventually


@contextmanager
def served(folder: Path, *command: str) -> Iterator[str]:
    """Run a command of Python in a folder; yield where it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = {**os.environ, "PORT": port, "FLASK_RUN_PORT": port}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            # Flask's reloader is a process of its own beside the server.
            os.killpg(process.pid, 15)
            process.wait(30)


@pytest.mark.parametrize(
    "command", [("flask", "--app", "app", "run", "--debug"), ("app", "--reload")], ids=["flask", "gunicorn"]
)
def test_change_is_served(tmp_path: Path, command: tuple[str, ...]) -> None:
    for part in ("app", "static", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("gunicorn.conf.py", "openapi.json"):
        shutil.copy(ROOT / part, tmp_path)

    def greets(greeting: str) -> bool:
        with suppress(requests.RequestException, KeyError, ValueError):
            return bool(requests.get(f"{url}/api/hello/Ada", timeout=5).json()["greeting"] == greeting)
        return False

    with served(tmp_path, *command) as url:
        assert eventually(partial(greets, "Hello, Ada!"), seconds=30), (tmp_path / "log").read_text()
        # A view, and what the server's own process has imported too.
        changes = [("app/views/example.py", '{name}!"', '{name}?"'), ("app/config.py", '"Hello"', '"Moin"')]
        for (path, old, new), served_then in zip(changes, ["Hello, Ada?", "Moin, Ada?"], strict=True):
            file = tmp_path / path
            time.sleep(1.1)  # gunicorn looks once a second, for the first time a moment after it serves
            file.write_text(file.read_text().replace(old, new))
            assert eventually(partial(greets, served_then), seconds=30), (tmp_path / "log").read_text()
        assert "hello_total" in requests.get(f"{url}/metrics", timeout=5).text
