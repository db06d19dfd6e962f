"""What is compared: the same small application, alone and with instrumentation. Gunicorn loads one by its name.

Each has a route /api/info as light as the application's own, /item/<number> for many distinct paths, and /metrics
where it measures.
"""

import importlib
import os
from typing import cast

from flask import Flask

from app import create_app, metrics
from app.config import Config
from app.http import access_log, instrumentation
from app.http.concurrency_limit import ConcurrencyLimiter


def bare() -> Flask:
    """Return plain Flask, measuring nothing."""
    app = Flask("bare")

    @app.get("/api/info")
    def info() -> dict[str, str]:
        return {"version": "0.0.0", "revision": "unknown", "hostname": "bench", "python": "3"}

    @app.get("/item/<int:number>")
    def item(number: int) -> dict[str, int]:
        return {"number": number}

    return app


def instrumented() -> Flask:
    """Return plain Flask with this application's instrumentation and concurrency limit."""
    return _instrumented(Config(access_log=False))


def counting() -> Flask:
    """Return the same without the concurrency limit: it only counts."""
    app = instrumented()
    cast(instrumentation.RequestInstrumentation, app.wsgi_app).limiter = Unlimited(1, 0)
    return app


class Unlimited(ConcurrencyLimiter):
    """A limiter that lets every request run."""

    def acquire(self) -> bool:
        """Return True."""
        return True

    def release(self) -> None:
        """Count nothing."""


def logging() -> Flask:
    """Return the same with its access log."""
    return _instrumented(Config())


def _instrumented(config: Config) -> Flask:
    app = bare()
    config.init_app(app)
    requests = instrumentation.init_app(app)
    metrics.init_app(app, requests)
    access_log.init_app(app, requests)
    return app


def exporter() -> Flask:
    """Return plain Flask with prometheus_flask_exporter, grouped by route as its manual advises."""
    app = bare()
    # Imported here, because the other subjects must not pay for it.
    multiprocess = "PROMETHEUS_MULTIPROC_DIR" in os.environ
    module = importlib.import_module("prometheus_flask_exporter" + (".multiprocess" if multiprocess else ""))
    name = "GunicornInternalPrometheusMetrics" if multiprocess else "PrometheusMetrics"
    getattr(module, name)(app, group_by="url_rule")
    return app


def complete() -> Flask:
    """Return this application, whole."""
    return create_app(Config(access_log=False))
