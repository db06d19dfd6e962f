from pathlib import Path

import pytest
import requests

from app.views.stats import quantile, summary
from tests.live_server import serve


@pytest.mark.parametrize(
    ("share", "counts", "count", "expected"),
    [
        (0.5, [0, 0, 0], 0, None),
        (0.5, [10, 30, 38], 40, 0.3),
        (0.25, [10, 30, 38], 40, 0.1),
        (0.1, [10, 30, 38], 40, 0.04),
        (0.9, [10, 30, 38], 40, 0.875),
        (0.99, [10, 30, 38], 40, 1.0),
        (1, [10, 30, 40], 40, 1.0),
        (0.5, [0, 0, 0], 7, 1.0),
        (0.5, [0, 8, 8], 8, 0.3),
    ],
)
def test_quantile_is_linear_within_its_bucket(
    share: float, counts: list[int], count: int, expected: float | None
) -> None:
    found = quantile(share, {"bounds": [0.1, 0.5, 1.0], "counts": counts, "count": count})
    assert found == (None if expected is None else pytest.approx(expected))


def test_summary_of_nothing_has_no_figures() -> None:
    stats = {
        "requests": [],
        "uptime_seconds": 0,
        "memory_bytes": None,
        "duration": {"bounds": [0.1], "counts": [0], "count": 0},
    }
    assert set(summary(stats).values()) == {None}


def test_summary_counts_what_the_server_did_wrong() -> None:
    stats = {
        "requests": [{"status": "200", "count": 6}, {"status": "404", "count": 2}, {"status": "503", "count": 2}],
        "uptime_seconds": 5,
        "memory_bytes": 3 << 20,
        "duration": {"bounds": [0.1], "counts": [10], "count": 10},
    }
    figures = summary(stats)
    assert (figures["rate"], figures["error_ratio"], figures["memory_mebibytes"]) == (2, 0.2, 3)


@pytest.mark.usefixtures("linux")
def test_all_workers_are_one_instance(tmp_path: Path) -> None:
    """Workers that start one after the other, each for five requests: whichever answers, nothing starts from zero."""
    with serve(tmp_path, WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS="--max-requests 5") as server:
        answers = [requests.get(server.url + "/api/stats", timeout=10).json() for _ in range(20)]
        start = server.value("process_start_time_seconds")
    assert len({answer["instance"] for answer in answers}) == 1
    assert all(answer["time"] - answer["uptime_seconds"] == pytest.approx(start, abs=0.1) for answer in answers)
