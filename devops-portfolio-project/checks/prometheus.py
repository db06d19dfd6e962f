"""A client of Prometheus' HTTP API: the cluster's server, or the one of PROMETHEUS_URL."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from checks.repositories import HERE
from checks.shell import answers, free_port, shell

SERVICE = "svc/monitoring-kube-prometheus-prometheus"


class PrometheusError(RuntimeError):
    """Prometheus does not answer, or answers with an error; the message holds its words."""


@dataclass(frozen=True)
class Series:
    """One series of an answer: its labels, and its values at times in seconds since the epoch."""

    labels: dict[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus server at a URL."""

    url: str

    def get(self, path: str, **parameters: object) -> Any:  # noqa: ANN401  # JSON: its form depends on the path
        """Return the data of an answer; raise PrometheusError otherwise."""
        encoded = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{encoded}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise PrometheusError(str(json.load(error).get("error"))) from None
        except OSError as error:
            raise PrometheusError(f"Prometheus does not answer at {self.url}: {error}") from None

    def query(self, expression: str, start: float, end: float, step: float) -> list[Series]:
        """Evaluate an expression over a range; all times in seconds."""
        found = self.get("query_range", query=expression, start=start, end=end, step=step)["result"]
        return [
            Series(
                each["metric"],
                tuple(float(time) for time, _ in each["values"]),
                tuple(float(value) for _, value in each["values"]),
            )
            for each in found
        ]

    def label_values(self, match: str, label: str, start: float, end: float) -> list[str]:
        """Return the values of a label in the series that match, between two times."""
        found = self.get("series", start=start, end=end, **{"match[]": match})
        return sorted({series[label] for series in found if label in series})


@contextmanager
def connect() -> Iterator[Prometheus]:
    """Yield the server of PROMETHEUS_URL, or forward a port to the cluster's; raise PrometheusError without either."""
    if url := os.environ.get("PROMETHEUS_URL", "").rstrip("/"):
        if not answers(f"{url}/-/ready"):
            raise PrometheusError(f"PROMETHEUS_URL={url}: no Prometheus answers there")
        yield Prometheus(url)
        return
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with shell(f"exec kubectl -n monitoring port-forward {SERVICE} {port}:9090", HERE) as tunnel:
        deadline = time.monotonic() + 30
        while not answers(f"{url}/-/ready"):
            if tunnel.process.poll() is not None or time.monotonic() > deadline:
                output = " ".join(tunnel.output_tail().split()[-40:])
                raise PrometheusError(f"no Prometheus: PROMETHEUS_URL is not set, and kubectl says: {output}")
            time.sleep(0.2)
        yield Prometheus(url)
