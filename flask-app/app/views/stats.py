"""The figures that the page draws: from the registry that a scrape reads, so that both agree."""

import socket
import time
from itertools import pairwise
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from prometheus_client import Metric

from app.health import Health
from app.metrics import DURATION_BUCKETS, Metrics
from app.views.faults import describe_faults
from app.views.info import identity

bp = Blueprint("stats", __name__)

# The start of the process, for a system without /proc.
LOADED = time.time()


@bp.get("/api/stats")
def stats() -> Response:
    """Return the live data of the page."""
    response = jsonify(statistics(current_app))
    response.cache_control.no_store = True
    return response


def statistics(app: Flask) -> dict[str, Any]:
    """Return identity, counters since the start, the current state and the faults. Times in seconds, sizes in bytes."""
    families = {family.name: family for family in Metrics.of(app).registry.collect()}
    now = time.time()
    started = _values(families, "process_start_time_seconds")
    memory = _values(families, "process_resident_memory_bytes")
    start = min(started, default=LOADED)
    return {
        **identity(app),
        # Counters start at 0 with each instance: never subtract the figures of two instances.
        "instance": f"{socket.gethostname()}@{start:.2f}",
        "time": now,
        "uptime_seconds": round(now - start, 3),
        "ready": Health.of(app).ready,
        "memory_bytes": int(sum(memory)) if memory else None,
        "in_progress": int(sum(_values(families, "http_requests_in_progress"))),
        "requests": [
            {**sample.labels, "count": int(sample.value)}
            for sample in families["http_requests"].samples
            if sample.name == "http_requests_total"
        ],
        "duration": _duration(families["http_request_duration_seconds"]),
        "faults": describe_faults(app),
    }


def summary(stats: dict[str, Any]) -> dict[str, float | int | None]:
    """Return the page's figures since the start of the instance: requests per second, ratios, seconds, MiB."""
    total = sum(each["count"] for each in stats["requests"])
    errors = sum(each["count"] for each in stats["requests"] if each["status"].startswith("5"))
    memory = stats["memory_bytes"]
    return {
        "rate": total / stats["uptime_seconds"] if stats["uptime_seconds"] else None,
        "error_ratio": errors / total if total else None,
        "p50": quantile(0.5, stats["duration"]),
        "p95": quantile(0.95, stats["duration"]),
        "memory_mebibytes": memory / (1 << 20) if memory else None,
    }


def quantile(share: float, duration: dict[str, Any]) -> float | None:
    """Estimate a quantile in seconds as Prometheus' histogram_quantile does: linear within its bucket."""
    rank = share * duration["count"]
    if not rank:
        return None
    bounds, counts = [0.0, *duration["bounds"]], [0, *duration["counts"]]
    for (low, high), (below, within) in zip(pairwise(bounds), pairwise(counts), strict=True):
        if within >= rank:
            return float(low + (high - low) * (rank - below) / (within - below))
    return float(bounds[-1])


def _values(families: dict[str, Metric], name: str) -> list[float]:
    return [sample.value for sample in families[name].samples] if name in families else []


def _duration(family: Metric) -> dict[str, Any]:
    counts = dict.fromkeys((float(bound) for bound in DURATION_BUCKETS), 0)
    total, seconds = 0, 0.0
    for sample in family.samples:
        if sample.name.endswith("_bucket") and float(sample.labels["le"]) in counts:
            counts[float(sample.labels["le"])] += int(sample.value)
        elif sample.name.endswith("_count"):
            total += int(sample.value)
        elif sample.name.endswith("_sum"):
            seconds += sample.value
    return {"bounds": list(counts), "counts": list(counts.values()), "count": total, "sum": seconds}
