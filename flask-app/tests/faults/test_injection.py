"""Each fault against a real server, and the metric that it has to move."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from app import create_app
from app.config import Config
from app.faults.kinds import KINDS, Fault
from app.faults.store import FaultStore
from app.health import Health
from tests.live_server import TOKEN, Server, eventually, serve

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module", params=["1", "2"], ids=["one-worker", "two-workers"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("faults"), WEB_CONCURRENCY=request.param, ACCESS_LOG="false") as server:
        yield server


@contextmanager
def on(server: Server, kind: str, **payload: object) -> Iterator[None]:
    """Switch a fault on and off, and see both announced by the scrape."""
    server.fault(kind, **payload)
    assert server.value("app_fault_active", fault=kind) == server.value("app_fault_active") == 1
    yield
    server.stop_fault(kind)
    assert server.value("app_fault_active") == 0


def status(server: Server, path: str) -> int:
    return requests.get(server.url + path, timeout=10).status_code


def test_latency_moves_the_histogram_of_its_route(server: Server) -> None:
    def slow(route: str) -> float:
        bucket = "http_request_duration_seconds_bucket"
        # So long that a busy machine does not delay the other route as much.
        return server.value(bucket, route=route, le="+Inf") - server.value(bucket, route=route, le="1.0")

    before, others = slow("/api/info"), slow("/")
    with on(server, "latency", delay_seconds=1.1, route="/api/info"):
        for _ in range(3):
            assert (status(server, "/api/info"), status(server, "/")) == (200, 200)
    status(server, "/api/info")
    assert (slow("/api/info") - before, slow("/") - others) == (3, 0)


def test_errors_move_the_count_of_their_status_but_not_the_routes_that_show_them(server: Server) -> None:
    before = server.value("http_requests_total", status="502")
    with on(server, "errors", status=502):
        assert [status(server, path) for path in ("/api/info", "/", "/nowhere")] == [502] * 3
        for path in ("/health", "/ready", "/metrics", "/api/faults", "/api/stats"):
            assert status(server, path) == 200
    assert status(server, "/api/info") == 200
    assert server.value("http_requests_total", status="502") - before == 3


def test_errors_can_be_confined_to_a_route(server: Server) -> None:
    with on(server, "errors", route="unmatched"):
        assert (status(server, "/nowhere"), status(server, "/api/info")) == (500, 200)


def test_rate_is_the_share_that_fails(server: Server) -> None:
    before = server.value("http_requests_total", status="504")
    with on(server, "errors", rate=0.3, status=504), requests.Session() as session:
        for _ in range(200):
            session.get(f"{server.url}/api/info", timeout=5)
    # more than five standard deviations either way
    assert 25 < server.value("http_requests_total", status="504") - before < 95


@pytest.mark.usefixtures("linux")
def test_memory_grows_to_its_limit_once_and_is_given_back(server: Server) -> None:
    """Resident memory is that of all workers: asked for twice, of whichever worker, it is taken once."""

    def grown() -> float:
        return (server.value("process_resident_memory_bytes") - before) / MEBIBYTE

    before = server.value("process_resident_memory_bytes")
    payload = {"mebibytes_per_second": 400, "limit_mebibytes": 100}
    server.fault("memory", **payload)
    assert eventually(lambda: grown() > 90)
    with on(server, "memory", **payload):
        assert eventually(lambda: 90 < grown() < 120)
        assert not eventually(lambda: not 90 < grown() < 120, seconds=0.6)
    assert eventually(lambda: grown() < 20)


def test_unready_moves_the_gauge_and_the_probe_but_not_liveness(server: Server) -> None:
    assert server.value("app_ready") == 1
    with on(server, "unready"):
        assert server.value("app_ready") == 0
        assert (status(server, "/ready"), status(server, "/health")) == (503, 200)
    assert server.value("app_ready") == 1
    assert status(server, "/ready") == 200


def test_unready_triggers_at_its_share_of_the_checks() -> None:
    app = create_app(Config(faults_enabled=True, faults_token=TOKEN))
    state = FaultStore.of(app)
    assert state is not None
    state.start(Fault.parse("unready", {"rate": 0.5}, []))
    health = Health.of(app)
    assert 60 < sum(health.ready for _ in range(200)) < 140


def test_every_fault_ends_by_itself(server: Server) -> None:
    for kind, described in KINDS.items():
        server.fault(kind, seconds=1, **({"route": "unmatched"} if described.by_route else {}))
    assert server.value("app_fault_active") >= len(KINDS) - 1  # a slow machine may be past the first
    assert eventually(lambda: server.value("app_fault_active") == 0, seconds=5)
    assert (status(server, "/nowhere"), status(server, "/ready")) == (404, 200)
    assert not any(fault["active"] for fault in requests.get(f"{server.url}/api/faults", timeout=5).json()["faults"])


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_crash_takes_the_whole_server_down(tmp_path: Path, workers: str) -> None:
    """What moves is the container's count of restarts, so the server itself has to end, and not with 0.

    The next one, with the same state as in a pod, has a later start, counts from 0 and does not crash as well.
    """
    (state := tmp_path / "state").mkdir()
    environ = {"WEB_CONCURRENCY": workers, "SHUTDOWN_TIMEOUT_SECONDS": "2", "STATE_DIR": str(state)}
    with serve(tmp_path, **environ) as server:
        before = server.value("process_start_time_seconds")
        server.fault("crash", route="/api/info")
        assert server.value("app_fault_active", fault="crash") == 1
        assert (status(server, "/health"), status(server, "/")) == (200, 200)
        with pytest.raises(requests.ConnectionError):
            status(server, "/api/info")
        # Other workers get the two seconds; the rest is for a machine that has much else to do.
        assert server.process.wait(60) == 3
    with serve(tmp_path, **environ) as server:
        assert server.value("process_start_time_seconds") > before
        assert server.value("http_requests_total") == server.value("app_fault_active") == 0
        assert status(server, "/api/info") == 200
