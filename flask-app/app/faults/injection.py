"""Inject faults into requests, readiness and memory. Requests cost nothing more while faults are not enabled."""

import os
import time
from collections.abc import Iterator

from flask import Flask, abort, request
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.faults import memory
from app.faults.kinds import EVERYWHERE, KINDS, Fault
from app.faults.store import FaultStore
from app.health import Health
from app.http.exchange import UNMATCHED
from app.http.instrumentation import PROBES
from app.metrics import Metrics

# Routes that show or stop a fault. Only a crash may hit the probes and the scrape among them.
EXCLUDED_ROUTES = PROBES | {"/api/faults", "/api/faults/<kind>"}
# What the page shows faults with: hit by its name, but not by "*".
DASHBOARD_ROUTES = frozenset({"/api/stats", "/static/<path:filename>"})

# Gunicorn's arbiter reads this exit status of a worker as "failed to boot", and stops instead of starting another.
HALT_STATUS = 3


def routes(app: Flask) -> list[str]:
    """Return the routes that can be the scope of a fault of `app`."""
    return [*sorted({rule.rule for rule in app.url_map.iter_rules()} - EXCLUDED_ROUTES), UNMATCHED]


def start(store: FaultStore, fault: Fault) -> None:
    """Start `fault` in all workers; a memory fault begins to allocate in this one."""
    store.start(fault)
    if fault.kind == "memory":
        memory.grow(fault, lambda: store.active().get("memory") == fault)


class _RequestFaults:
    """Inject the active faults into a request before it is handled."""

    def __init__(self, store: FaultStore) -> None:
        self._store = store

    def __call__(self) -> None:
        if not (faults := self._store.active()):
            return
        route = request.url_rule.rule if request.url_rule else UNMATCHED
        for kind in ("latency", "crash", "errors"):
            if (fault := faults.get(kind)) and _applies_to(fault, route) and fault.should_trigger():
                _trigger(fault, self._store)


def _applies_to(fault: Fault, route: str) -> bool:
    if fault.route != EVERYWHERE:
        return fault.route == route
    if fault.kind == "crash":
        return not route.startswith("/api/faults")
    return route not in EXCLUDED_ROUTES | DASHBOARD_ROUTES


def _trigger(fault: Fault, store: FaultStore) -> None:
    match fault.kind:
        case "latency":
            time.sleep(fault.parameters["delay_seconds"])
        case "errors":
            abort(int(fault.parameters["status"]), "This error was asked for: a fault is on.")
        case "crash":
            # Where the directory outlives the container, the next one would crash as well.
            store.clear()
            os._exit(HALT_STATUS)


def _unready(store: FaultStore) -> str | None:
    fault = store.active().get("unready")
    return "a fault is on" if fault and fault.should_trigger() else None


class _ActiveFaults(Collector):
    """app_fault_active of every kind of fault, whether faults are enabled or not."""

    def __init__(self, store: FaultStore | None) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        active = self._store.active() if self._store else {}
        # For the dashboard's annotations, and for alerts that should not fire on a drill.
        gauge = GaugeMetricFamily("app_fault_active", "1 while the fault is on.", labels=("fault",))
        for kind in KINDS:
            gauge.add_metric((kind,), float(kind in active))
        yield gauge


def init_app(app: Flask) -> None:
    """Inject the active faults into `app`, if it has a store of them."""
    store = FaultStore.of(app)
    Metrics.of(app).registry.register(_ActiveFaults(store))
    if store is None:
        return
    app.before_request(_RequestFaults(store))
    Health.of(app).checks.append(lambda: _unready(store))
