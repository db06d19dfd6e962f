"""What is counted, and /metrics. The time of a request comes from app/http/instrumentation.py.

`Metrics.of(app)` belongs to one application: two in one process do not collide. Another feature adds a metric by
`metrics.registry.register()` of a collector that computes it at each scrape (right with any number of workers), and
reads metrics with `metrics.registry.get_sample_value()` or `.collect()`.
"""

import platform
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Self, cast

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, Exemplar, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from app.config import Config
from app.http.instrumentation import METHODS, RequestInstrumentation, request_bytes
from app.http.trace_context import trace
from app.server import worker_slots
from app.server.instruments import InstrumentCollector
from app.server.process_metrics import ProcessMetrics
from app.server.records import Key, Numbers, read_records

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

bp = Blueprint("metrics", __name__)

# The latency objective counts requests at le="0.25".
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OTHER_METHOD = "other"
LABELS = ("method", "route", "status")
Labels = tuple[str, str, str]

# Positions of the numbers that are kept for each combination of labels.
SECONDS, RECEIVED, SENT, BUCKETS = range(4)
BOUNDS = [*map(str, map(float, DURATION_BUCKETS)), "+Inf"]
ABORTED = BUCKETS + len(BOUNDS)

# The formats and versions that prometheus-client writes. Asked for another it fails, or names a wrong version.
FORMATS = {"application/openmetrics-text": (None, "1.0.0"), "text/plain": (None, "0.0.4", "1.0.0")}
Bucket = tuple[str, float] | tuple[str, float, Exemplar]


class Metrics:
    """What one application counts, and the registry that a scrape reads."""

    def __init__(self, max_body_bytes: int, instruments: CollectorRegistry = REGISTRY) -> None:
        self._max_body_bytes = max_body_bytes
        self.records = worker_slots.own_records()
        self.exemplars: dict[Key, dict[int, Exemplar]] = defaultdict(dict)
        self.registry = CollectorRegistry()
        self.registry.register(_Requests(self))
        # With one worker prometheus-client's own process_* and python_gc_* are among the instruments instead.
        self.registry.register(ProcessMetrics(self.records, worker_slots.is_alone))
        # Every instrument that any module declares on the default registry, and python_info.
        self.registry.register(InstrumentCollector(instruments, worker_slots.is_alone))
        self._lock = threading.Lock()
        self._known: dict[Labels, Numbers] = {}

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Return the metrics of `app`."""
        return cast(Self, app.extensions["metrics"])

    def observe(
        self, environ: "WSGIEnvironment", route: str, status: str, seconds: float, sent: int, aborted: bool
    ) -> None:
        """Count a request that has been answered."""
        key = (environ["REQUEST_METHOD"], route, status)
        if (numbers := self._known.get(key)) is None:
            key, numbers = self._create(*key)
        bucket = BUCKETS + bisect_left(DURATION_BUCKETS, seconds)
        # Most requests have neither, and a call costs more than a lookup.
        received = request_bytes(environ, self._max_body_bytes) if "CONTENT_LENGTH" in environ else 0
        with self._lock:
            numbers[bucket] += 1
            numbers[SECONDS] += seconds
            numbers[SENT] += sent
            if aborted:
                numbers[ABORTED] += 1
            if received:
                numbers[RECEIVED] += received
        # Nobody could look up a trace that is not recorded.
        if (found := trace(environ)) and found.sampled:
            self.exemplars[key][bucket] = Exemplar({"trace_id": found.id}, seconds, time.time())

    def _create(self, method: str, route: str, status: str) -> tuple[Labels, Numbers]:
        labels = (method if method in METHODS else OTHER_METHOD, route, status)
        numbers = self._known[labels] = self.records.numbers(labels)
        return labels, numbers


class _Requests(Collector):
    """The sum of what all workers have counted, running or dead."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        # Rate and error ratio: dashboards, alerts and autoscaling.
        requests = CounterMetricFamily(
            "http_requests_total", "Requests answered, by the status on the wire.", labels=LABELS
        )
        # Latency: dashboards and the latency objective.
        duration = HistogramMetricFamily(
            "http_request_duration_seconds",
            "Time from a request's arrival in the application until its response leaves, or ends if it lasts.",
            labels=LABELS,
        )
        received = sent = aborted = 0.0
        in_progress, totals = self._totals()
        for key, numbers in totals.items():
            counts = list(accumulate(numbers[BUCKETS : BUCKETS + len(BOUNDS)]))
            requests.add_metric(key, counts[-1])
            duration.add_metric(key, self._buckets(key, counts), numbers[SECONDS])
            received += numbers[RECEIVED]
            sent += numbers[SENT]
            aborted += numbers[ABORTED]
        yield requests
        yield duration
        # Saturation: dashboards, and the end of a drain.
        yield GaugeMetricFamily(
            "http_requests_in_progress", "Requests in the application now, waiting ones included.", in_progress
        )
        yield CounterMetricFamily(
            "http_request_bytes_total",
            "Bytes of request bodies, as announced; none of a refused one.",
            received,
        )
        yield CounterMetricFamily("http_response_bytes_total", "Bytes of response bodies that were sent.", sent)
        yield CounterMetricFamily(
            "http_responses_aborted_total", "Responses that ended before all of them was sent.", aborted
        )

    def _totals(self) -> tuple[float, dict[Key, list[float]]]:
        in_progress = 0.0
        totals: dict[Key, list[float]] = {}
        for data in worker_slots.read_all(self._metrics.records):
            for key, numbers in read_records(data):
                if key:
                    totals[key] = (
                        [a + b for a, b in zip(totals[key], numbers, strict=True)] if key in totals else list(numbers)
                    )
                else:
                    in_progress += sum(numbers[number] for number in worker_slots.IN_PROGRESS)
        return in_progress, totals

    def _buckets(self, key: Key, counts: list[float]) -> list[Bucket]:
        exemplars = self._metrics.exemplars.get(key, {})
        return [
            (bound, count, exemplars[place]) if place in exemplars else (bound, count)
            for place, (bound, count) in enumerate(zip(BOUNDS, counts, strict=True), BUCKETS)
        ]


class _BuildInfo(Collector):
    """app_build_info, the same from every worker: which commit a replica runs."""

    def __init__(self, config: Config) -> None:
        self._values = (config.version, config.revision, platform.python_version())

    def collect(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily(
            "app_build_info", "What runs here; always 1.", labels=("version", "revision", "python")
        )
        gauge.add_metric(self._values, 1)
        yield gauge


@bp.get("/metrics")
def metrics() -> Response:
    """Answer a scrape in the format that its Accept header prefers; in Prometheus' text format if it names none."""
    encode, content_type = choose_encoder(_format(request.accept_mimetypes))
    response = Response(encode(Metrics.of(current_app).registry), content_type=content_type)
    response.vary.add("Accept")
    return response


def _format(accept: MIMEAccept) -> str:
    # prometheus-client takes the first that is named, even one with q=0.
    for named, quality in sorted(accept, key=lambda each: each[1], reverse=True):
        kind, options = parse_options_header(named)
        if quality and options.get("version") in FORMATS.get(kind, ()):
            return named
    return ""


def init_app(app: Flask, instrumentation: RequestInstrumentation) -> None:
    """Give `app` its metrics and /metrics."""
    config = Config.of(app)
    app.extensions["metrics"] = metrics = Metrics(config.max_body_bytes)
    metrics.registry.register(_BuildInfo(config))
    limiters = (instrumentation.limiter, instrumentation.streams, instrumentation.downloads)
    for limiter, number in zip(limiters, worker_slots.IN_PROGRESS, strict=True):
        limiter.occupied = metrics.records.header[number:]
    instrumentation.observers.append(metrics.observe)
    app.register_blueprint(bp)
