"""Instruments of prometheus-client, declared in any module, at /metrics: as many as were counted, and never fewer."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Info
from prometheus_client.samples import Sample

from app.server.instruments import InstrumentCollector, unshareable
from tests.live_server import ROOT, Server, eventually, serve
from tests.server.test_serving import children, watched

APPLICATION = "tests.server.counting:create_counting_app()"
COUNTED = ("shop_orders_total", "shop_orders_by_kind_total", "shop_seconds_count", "shop_size_count")


def order(server: Server, number: int = 1) -> bool:
    """Order over a fresh connection; return whether there was an answer."""
    try:
        return requests.get(f"{server.url}/order/{number}", timeout=10).status_code == 200
    except requests.RequestException:
        return False


def counted(server: Server) -> list[float]:
    samples = list(server.samples())
    return [sum(sample.value for sample in samples if sample.name == name) for name in COUNTED]


def values(samples: list[Sample], name: str) -> list[float]:
    return [sample.value for sample in samples if sample.name == name]


# GUNICORN_CMD_ARGS is what `gunicorn -w 2` is, without its own way to read WEB_CONCURRENCY.
@pytest.mark.parametrize(
    "environ", [{}, {"WEB_CONCURRENCY": "2"}, {"GUNICORN_CMD_ARGS": "-w 2"}], ids=["one", "two", "gunicorn -w 2"]
)
def test_every_scrape_has_all_that_every_worker_counted(tmp_path: Path, environ: dict[str, str]) -> None:
    with serve(tmp_path, APPLICATION, ACCESS_LOG="false", **environ) as server:
        assert all(order(server, number) for number in range(40))
        for _ in range(6):
            samples = list(server.samples())
            assert [sum(values(samples, name)) for name in COUNTED] == [40] * len(COUNTED)
            assert values(samples, "shop_size_sum") == [120]
            assert values(samples, "shop_highest") == [39]
            assert 1 <= sum(values(samples, "shop_workers")) <= (2 if environ else 1)
            buckets = {s.labels["le"]: s.value for s in samples if s.name == "shop_seconds_bucket"}
            assert buckets == {"0.1": 0, "1.0": 40, "+Inf": 40}
            # Everything is there once.
            series = [(sample.name, frozenset(sample.labels.items())) for sample in samples]
            assert len(series) == len(set(series))
            assert values(samples, "python_info") == [1]


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("kills", [pytest.param(5), pytest.param(20, marks=pytest.mark.long)])
def test_killed_workers_lose_no_count_of_an_instrument(tmp_path: Path, kills: int) -> None:
    (shared := tmp_path / "shared").mkdir()
    environ = {"WEB_CONCURRENCY": "2", "STATE_DIR": str(shared), "ACCESS_LOG": "false"}
    with serve(tmp_path, APPLICATION, **environ) as server:
        answered = attempted = 0
        with watched(server), ThreadPoolExecutor(4) as clients:
            for _ in range(kills):
                orders = [clients.submit(order, server) for _ in range(40)]
                time.sleep(0.05)
                assert eventually(lambda: len(children(server.process.pid)) == 2)
                os.kill(random.choice(children(server.process.pid)), signal.SIGKILL)
                attempted += len(orders)
                answered += sum(each.result() for each in orders)
        assert answered > attempted / 2
        assert all(answered <= count <= attempted for count in counted(server))
        # A file for each kind of instrument and slot: of two workers, and of one that starts while another stops.
        assert len(list((shared / "instruments").iterdir())) <= 3 * 5


@pytest.mark.usefixtures("linux")
def test_a_gauge_of_running_workers_is_deleted_with_a_dead_one(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION, WEB_CONCURRENCY="2", ACCESS_LOG="false") as server:
        assert eventually(lambda: order(server) and server.value("shop_workers") == 2, seconds=30)
        before = set(children(server.process.pid))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(set(children(server.process.pid)) - before) == 2)
        assert server.value("shop_workers") == 0
        assert server.value("shop_highest") == 1


def test_recycled_workers_lose_no_count_of_an_instrument(tmp_path: Path) -> None:
    environ = {"WEB_CONCURRENCY": "2", "GUNICORN_CMD_ARGS": "--max-requests 25", "ACCESS_LOG": "false"}
    with serve(tmp_path, APPLICATION, **environ) as server:
        with watched(server), ThreadPoolExecutor(4) as clients:
            answered = sum(clients.map(lambda number: order(server, number), range(200)))
        assert answered == 200
        assert counted(server) == [200] * len(COUNTED)
        # Each worker's last value counts, and requests overtake each other.
        assert 0 < server.value("shop_highest") <= 199


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("sent", [signal.SIGTTIN, signal.SIGHUP], ids=["one more", "another"])
def test_worker_that_joins_a_single_one_or_takes_its_place_splits_and_loses_nothing(
    tmp_path: Path, sent: signal.Signals
) -> None:
    with serve(tmp_path, APPLICATION, ACCESS_LOG="false", UNSHAREABLE="set_function") as server:
        with watched(server):
            assert all(order(server, number) for number in range(20))
            (first,) = children(server.process.pid)
            server.process.send_signal(sent)
            joined = [first] if sent == signal.SIGTTIN else []
            assert eventually(lambda: len(set(children(server.process.pid)) - {first}) == 1, seconds=30)
            assert eventually(lambda: (first in children(server.process.pid)) == bool(joined), seconds=30)
            assert all(order(server, number) for number in range(20, 40))
        for _ in range(6):
            samples = list(server.samples())
            assert [sum(values(samples, name)) for name in COUNTED] == [40] * len(COUNTED)
            assert sum(values(samples, "http_requests_total")) == 40
            assert values(samples, "shop_highest") == [39]
            assert values(samples, "shop_stock") == [7]
            assert values(samples, "app_workers") == [1 + len(joined)]
            series = [(sample.name, frozenset(sample.labels.items())) for sample in samples]
            assert len(series) == len(set(series))


@pytest.mark.usefixtures("linux")
def test_killed_single_worker_loses_no_count(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION, ACCESS_LOG="false", UNSHAREABLE="Info") as server:
        assert all(order(server) for _ in range(20))
        (first,) = children(server.process.pid)
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: order(server), seconds=30)
        assert counted(server) == [21] * len(COUNTED)
        assert server.value("http_requests_total") == 21
        assert server.value("shop_info") == 1


@pytest.mark.parametrize(("kind", "name"), [("Info", "shop"), ("Enum", "shop_state"), ("set_function", "shop_stock")])
def test_what_several_workers_cannot_share_is_refused_at_the_start(tmp_path: Path, kind: str, name: str) -> None:
    with serve(tmp_path, APPLICATION, UNSHAREABLE=kind) as server:
        assert [sample.name for sample in server.samples() if sample.name.startswith(name)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        environ = {**os.environ, "WEB_CONCURRENCY": "2", "PORT": str(free.getsockname()[1]), "UNSHAREABLE": kind}
    command = [sys.executable, "-m", "app", APPLICATION]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    refusal = f"flask-app: several workers cannot share an Info, an Enum or a gauge's set_function: {name}"
    assert refusal in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


def test_a_registry_of_a_tests_own_is_read_the_same_way() -> None:
    registry = CollectorRegistry()
    Counter("done_total", "Done.", registry=registry).inc(3)
    scraped = CollectorRegistry()
    scraped.register(InstrumentCollector(registry))
    assert scraped.get_sample_value("done_total") == 3


def test_instruments_that_cannot_be_shared_are_named() -> None:
    registry = CollectorRegistry()
    Gauge("fine", "Fine.", registry=registry).set(1)
    Gauge("labelled", "Of a function.", ["of"], registry=registry).labels("x").set_function(lambda: 1)
    Info("about", "About.", registry=registry)
    Enum("state", "State.", states=["on"], registry=registry)
    assert unshareable(registry) == ["about", "labelled", "state"]


def test_the_most_recent_value_of_an_import_and_of_a_worker_before_is_kept(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from app.server import instruments
instruments.install()
from prometheus_client import REGISTRY, GC_COLLECTOR, Gauge
REGISTRY.unregister(GC_COLLECTOR)
version = Gauge("model_version", "Version.", multiprocess_mode="mostrecent")
if sys.argv[2]:
    version.set(float(sys.argv[2]))
instruments.share(Path(sys.argv[1]), 0)
print([s.value for f in instruments.InstrumentCollector().collect() if f.name == "model_version" for s in f.samples])
"""
    for given, shown in [("7", "[7.0]"), ("", "[7.0]"), ("8", "[8.0]")]:
        command = [sys.executable, "-c", program, str(tmp_path), given]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == shown
