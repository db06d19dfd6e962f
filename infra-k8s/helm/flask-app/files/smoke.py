"""What `helm test` asks a fresh release, from inside its namespace. Standard library only."""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 90  # seconds for Prometheus to take up the target and scrape it: its reload and two intervals
REACHING = 20  # seconds for the network to learn of this pod


def get(url: str) -> tuple[str, str]:
    """Return the content type and body of a 200; anything else ends the test with one line.

    A NetworkPolicy takes effect on a pod only some time after the pod started, and may cut what it had open: a request
    that nobody answered is sent again, for a while and visibly. An answer is final.
    """
    deadline = time.monotonic() + REACHING
    while True:
        try:
            with urllib.request.urlopen(url, timeout=3) as response:
                return response.headers.get("Content-Type", ""), response.read().decode()
        except urllib.error.HTTPError as answer:
            sys.exit(f"FAIL {url}: {answer}")
        except (OSError, http.client.HTTPException) as silence:
            if time.monotonic() > deadline:
                sys.exit(f"FAIL {url}: {silence}")
            print(f"     {url}: {silence}; asking again", flush=True)
            time.sleep(1)


def check(name: str, passed: bool, seen: str) -> None:
    """Print one line; end the test on the first that failed."""
    print(f"{'ok  ' if passed else 'FAIL'} {name}: {seen}", flush=True)
    if not passed:
        sys.exit(1)


def up(prometheus: str, namespace: str, service: str) -> list[str]:
    """Ask Prometheus for `up` of each of the release's pods: "1" or "0"."""
    query = urllib.parse.quote(f'up{{namespace="{namespace}",service="{service}"}}')
    _, body = get(f"{prometheus}/api/v1/query?query={query}")
    return [sample["value"][1] for sample in json.loads(body)["data"]["result"]]


def check_application(app: str, metrics_path: str) -> None:
    """Check the page, both probes, the version and the metrics."""
    kind, body = get(f"{app}/")
    check("/ is a page", kind.startswith("text/html") and "</html>" in body, kind)
    for probe in ("/health", "/ready"):
        _, body = get(app + probe)
        check(probe, True, body.strip()[:60])
    _, body = get(f"{app}/api/info")
    check("/api/info names the version", "version" in json.loads(body), body.strip()[:100])
    kind, body = get(app + metrics_path)
    check("metrics are in a format that Prometheus takes", "text/plain" in kind or "openmetrics" in kind, kind)
    check("metrics tell the build", "app_build_info{" in body, f"{len(body)} bytes")


def check_prometheus(prometheus: str, namespace: str, service: str, replicas: int) -> None:
    """Wait until Prometheus reaches every pod of the release, and no fewer than were asked for."""

    def reached(seen: list[str]) -> bool:
        return set(seen) == {"1"} and len(seen) >= replicas

    deadline = time.monotonic() + PATIENCE
    while not reached(seen := up(prometheus, namespace, service)) and time.monotonic() < deadline:
        time.sleep(2)
    check("Prometheus reaches every pod", reached(seen), f"up = {seen}")


if __name__ == "__main__":
    check_application(os.environ["APP_URL"], os.environ["METRICS_PATH"])
    if url := os.environ["PROMETHEUS_URL"]:
        check_prometheus(url, os.environ["NAMESPACE"], os.environ["SERVICE"], int(os.environ["REPLICAS"]))
