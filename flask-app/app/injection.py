"""Where faults strike: requests, readiness and memory. Requests pay nothing for it while the feature is off."""

import os
import time
from collections.abc import Iterator

from flask import Flask, abort, request
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app import ballast
from app.fault_state import FaultState
from app.faults import EVERYWHERE, KINDS, Fault
from app.health import Health
from app.metrics import Metrics

# What one sees a fault with and ends it by. Of these only a crash may hit the probes and the scrape.
SPARED = frozenset({"/health", "/ready", "/metrics", "/api/faults", "/api/faults/<kind>"})
# What the page shows faults with: hit when it is named, spared by "*".
WATCHING = frozenset({"/api/stats", "/static/<path:filename>"})
UNMATCHED = "unmatched"

# Gunicorn's arbiter takes this status of a worker for "failed to boot", and halts instead of starting another.
HALT = 3


def routes(app: Flask) -> list[str]:
    """Return what a fault of `app` can have for its scope, beside everywhere."""
    return [*sorted({rule.rule for rule in app.url_map.iter_rules()} - SPARED), UNMATCHED]


def start(state: FaultState, fault: Fault) -> None:
    """Switch `fault` on in all workers, and begin what goes on without requests."""
    state.start(fault)
    if fault.kind == "memory":
        ballast.grow(fault, lambda: state.active().get("memory") == fault)


class _Requests:
    """What happens to a request before it is handled."""

    def __init__(self, state: FaultState) -> None:
        self._state = state

    def __call__(self) -> None:
        if not (faults := self._state.active()):
            return
        route = request.url_rule.rule if request.url_rule else UNMATCHED
        for kind in ("latency", "crash", "errors"):
            if (fault := faults.get(kind)) and _covers(fault, route) and fault.strikes():
                _strike(fault, self._state)


def _covers(fault: Fault, route: str) -> bool:
    if fault.route != EVERYWHERE:
        return fault.route == route
    if fault.kind == "crash":
        return not route.startswith("/api/faults")
    return route not in SPARED | WATCHING


def _strike(fault: Fault, state: FaultState) -> None:
    match fault.kind:
        case "latency":
            time.sleep(fault.parameters["delay_seconds"])
        case "errors":
            abort(int(fault.parameters["status"]), "This error was asked for: a fault is on.")
        case "crash":
            # Where the directory outlives the container, the next one would crash as well.
            state.clear()
            os._exit(HALT)


def _unready(state: FaultState) -> str | None:
    fault = state.active().get("unready")
    return "a fault is on" if fault and fault.strikes() else None


class _Activity(Collector):
    """app_fault_active of every fault there is, whether the feature is on or not."""

    def __init__(self, state: FaultState | None) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        active = self._state.active() if self._state else {}
        # For the dashboard's annotations, and for alerts that should not fire on a drill.
        gauge = GaugeMetricFamily("app_fault_active", "1 while the fault is on.", labels=("fault",))
        for kind in KINDS:
            gauge.add_metric((kind,), float(kind in active))
        yield gauge


def init_app(app: Flask) -> None:
    """Let faults strike `app`, if it has a state of them."""
    state = FaultState.of(app)
    Metrics.of(app).exposed.register(_Activity(state))
    if state is None:
        return
    app.before_request(_Requests(state))
    Health.of(app).checks.append(lambda: _unready(state))
