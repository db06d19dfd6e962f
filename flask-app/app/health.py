"""Liveness and readiness: whether the process lives, and whether it should get traffic."""

from collections.abc import Callable, Iterator
from typing import Self, cast

from flask import Blueprint, Flask, current_app
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.metrics import Metrics

bp = Blueprint("health", __name__)


class Health:
    """Whether an application takes traffic.

    `unready` holds reasons for people by their cause; `checks` are called each time, and return a reason or None.
    """

    def __init__(self) -> None:
        self.unready: dict[str, str] = {}
        self.checks: list[Callable[[], str | None]] = []

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Return the health of `app`."""
        return cast(Self, app.extensions["health"])

    def reasons(self) -> list[str]:
        """Return why the application is unready; nothing if it is ready."""
        return sorted([*self.unready.values(), *filter(None, (check() for check in self.checks))])

    @property
    def ready(self) -> bool:
        """Whether there is no reason to be unready."""
        return not self.reasons()


class _Readiness(Collector):
    """app_ready, as the probe would see it now."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("app_ready", "1 while the application takes traffic.", float(self._health.ready))


@bp.get("/health")
def live() -> dict[str, str]:
    """Answer 200 while the process lives, also while it stops: else it would be restarted instead of drained."""
    return {"status": "alive"}


@bp.get("/ready")
def ready() -> tuple[dict[str, object], int]:
    """Answer 200 if the application takes traffic, else 503 with the reasons."""
    if reasons := Health.of(current_app).reasons():
        return {"status": "unready", "reasons": reasons}, 503
    return {"status": "ready"}, 200


def init_app(app: Flask) -> None:
    """Give `app` its probes and `app_ready`."""
    health = Health()
    app.extensions["health"] = health
    Metrics.of(app).registry.register(_Readiness(health))
    app.register_blueprint(bp)
