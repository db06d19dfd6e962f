"""Start the image as in production, request what probes, scrapes and people request, and stop it: `make starts`.

The Dockerfile runs this in the image, on the image's own architecture: it has the standard library and nothing else.
"""

import json
import os
import platform
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# The image's entry point; a test holds the Dockerfile to it.
ENTRYPOINT = ["python", "-m", "app"]
# An emulated architecture takes ten times as long.
TIMEOUT_SECONDS = 120


class Failed(Exception):
    """The image does not run; the message is one line that says why."""


def get(path: str) -> str:
    """Return the body of a 200 answer to `path`; raise Failed for every other, OSError where nobody listens."""
    url = f"http://127.0.0.1:{os.environ.get('PORT', '5000')}{path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise Failed(f"GET {path} was answered with {error.code}") from None


def wait(server: subprocess.Popen[bytes], deadline: float) -> None:
    """Return once the server is alive; raise Failed if it stops before, or takes too long."""
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Failed(f"it stopped with {server.returncode} before it served")
        try:
            get("/health")
            return
        except OSError:
            time.sleep(0.1)
    raise Failed(f"it did not serve within {TIMEOUT_SECONDS} s")


def examine() -> None:
    """Raise Failed if the server is not ready, has no page, or reports another build."""
    get("/ready")
    get("/")
    built = [f'{name}="{os.environ[f"APP_{name.upper()}"]}"' for name in ("version", "revision")]
    measured = [line for line in get("/metrics").splitlines() if line.startswith("app_build_info{")]
    if not any(all(label in line for label in built) for line in measured):
        raise Failed(f"/metrics has no app_build_info with {', '.join(built)}, but {measured}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server as an orchestrator does; raise Failed if it does not exit with 0 in time."""
    server.terminate()
    try:
        status = server.wait(TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"it did not stop within {TIMEOUT_SECONDS} s of SIGTERM") from None
    if status != 0:
        raise Failed(f"it stopped with {status} on SIGTERM")


def start() -> dict[str, str]:
    """Start, examine and stop the server, and return what was observed; raise Failed at the first failure."""
    begin = time.monotonic()
    server = subprocess.Popen(ENTRYPOINT)
    try:
        wait(server, begin + TIMEOUT_SECONDS)
        seconds = time.monotonic() - begin
        examine()
        stop(server)
    finally:
        server.kill()
        server.wait()
    return {
        "machine": platform.machine(),
        "seconds": f"{seconds:.1f}",
        "version": os.environ["APP_VERSION"],
        "revision": os.environ["APP_REVISION"],
    }


def main() -> int:
    """Write what was observed into the file on the command line; return 0 if the image runs."""
    try:
        observed = start()
    except (Failed, OSError) as failure:
        print(f"start: on {platform.machine()} the image does not run: {failure}", file=sys.stderr)
        return 1
    Path(sys.argv[1]).write_text(json.dumps(observed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
