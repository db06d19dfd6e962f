"""`make starts` from inside the image: a server that is not as it was built fails."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from image import start

ROOT = Path(__file__).parent.parent.parent
SERVER = [sys.executable, "-m", "app"]


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each start a port, a build and this interpreter, as the image does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    monkeypatch.setenv("APP_VERSION", "1.2.3")
    monkeypatch.setenv("APP_REVISION", "abc")
    monkeypatch.setattr(start, "ENTRYPOINT", SERVER)
    monkeypatch.setattr(start, "TIMEOUT_SECONDS", 20)
    monkeypatch.chdir(ROOT)


def test_it_starts_the_image_the_way_the_image_starts_itself() -> None:
    source = (ROOT / "image/start.py").read_text()
    entrypoint = re.search(r"^ENTRYPOINT (\[.+\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert entrypoint is not None
    assert f"\nENTRYPOINT = {json.loads(entrypoint[1])!r}\n".replace("'", '"') in source


def test_a_server_that_runs_is_started_asked_and_stopped() -> None:
    seen = start.start()
    assert (seen["version"], seen["revision"]) == ("1.2.3", "abc")
    assert float(seen["seconds"]) > 0


def test_a_server_that_cannot_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "none")
    with pytest.raises(start.Failed, match="it stopped with 1 before it served"):
        start.start()


def test_a_server_that_says_it_is_another_build_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "ENTRYPOINT", ["env", "APP_REVISION=other", *SERVER])
    with pytest.raises(start.Failed, match=r'no app_build_info with version="1\.2\.3", revision="abc"'):
        start.start()


def test_a_server_without_its_page_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for part in ("app", "static", "gunicorn.conf.py", "openapi.json"):
        (tmp_path / part).symlink_to(ROOT / part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(start, "ENTRYPOINT", ["env", f"PYTHONPATH={copied(tmp_path)}", *SERVER])
    with pytest.raises(start.Failed, match="GET / was answered with 500"):
        start.start()


def copied(folder: Path) -> Path:
    """Copy the application without its templates, which it finds beside itself."""
    (folder / "app").unlink()
    subprocess.run(["cp", "-r", ROOT / "app", folder / "app"], check=True)
    return folder


def test_a_server_that_does_not_stop_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "TIMEOUT_SECONDS", 0.2)
    with subprocess.Popen(["sh", "-c", "trap '' TERM; echo; sleep 60"], stdout=subprocess.PIPE) as ignoring:
        assert ignoring.stdout is not None
        ignoring.stdout.readline()
        try:
            with pytest.raises(start.Failed, match="did not stop"):
                start.stop(ignoring)
        finally:
            ignoring.kill()


def test_a_server_that_stops_with_an_error_is_refused() -> None:
    with subprocess.Popen(["sleep", "60"]) as killed, pytest.raises(start.Failed, match="stopped with -15 on SIGTERM"):
        start.stop(killed)
