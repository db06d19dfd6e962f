import re
import sys

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from app import create_app
from app.config import Config
from app.http.instrumentation import METHODS
from app.metrics import Metrics

TRACE = "0af7651916cd43dd8448eb211c80319c"
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
# What Prometheus 3 asks with.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;"
    "q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


def count(app: Flask, **labels: str) -> float:
    return Metrics.of(app).registry.get_sample_value("http_requests_total", labels) or 0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/info", "/api/info", "200"),
        ("HEAD", "/api/info", "/api/info", "200"),
        ("GET", "/nowhere", "unmatched", "404"),
        ("DELETE", "/api/info", "unmatched", "405"),
        ("BREW", "/nowhere", "unmatched", "404"),
        ("GET", "/broken", "/broken", "500"),
        ("POST", "/body", "/body", "413"),
    ],
)
def test_status_on_the_wire_is_what_is_counted(app: Flask, method: str, path: str, route: str, status: str) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError

    @app.post("/body")
    def body() -> str:
        return str(len(request.get_data()))

    answer = app.test_client().open(path, method=method, data=b"x" * 70_000 if path == "/body" else None)
    assert answer.status_code == int(status)
    labels = {"method": method if method in METHODS else "other", "route": route, "status": status}
    assert count(app, **labels) == 1
    scraped = Metrics.of(app).registry
    assert scraped.get_sample_value("http_request_duration_seconds_count", labels) == 1
    assert scraped.get_sample_value("http_requests_in_progress") == 0


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_wrong_request_for_a_probe_is_traffic(app: Flask, client: FlaskClient, path: str) -> None:
    client.post(path)
    assert count(app, method="POST", route="unmatched", status="405") == 1
    client.get(path, data=b"x" * 70_000)
    assert count(app, method="GET", route=path, status="413") == 1
    client.get(path, headers={"A": "a" * 20_000})
    assert count(app, method="GET", route=path, status="431") == 1


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_probe_and_scrape_are_not_traffic(client: FlaskClient, path: str) -> None:
    client.get(path)
    assert "http_requests_total{" not in client.get("/metrics").text


def test_two_applications_count_apart(app: Flask) -> None:
    other = create_app(Config())
    app.test_client().get("/api/info")
    labels = {"method": "GET", "route": "/api/info", "status": "200"}
    assert (count(app, **labels), count(other, **labels)) == (1, 0)


def test_build_and_readiness_are_exposed() -> None:
    app = create_app(Config(version="1.2.3", revision="abc"))
    text = app.test_client().get("/metrics").text
    assert re.search(r'^app_build_info\{python="3\.\d+\.\d+",revision="abc",version="1\.2\.3"\} 1\.0$', text, re.M)
    assert "\napp_ready 1.0\n" in text
    assert "\nprocess_cpu_seconds_total " in text or sys.platform != "linux"
    assert "\npython_gc_objects_collected_total{" in text


@pytest.mark.parametrize(
    ("accept", "content_type", "last"),
    [
        ("", "text/plain; version=", ""),
        ("text/html", "text/plain; version=", ""),
        (OPENMETRICS["Accept"], "application/openmetrics-text; version=", "# EOF\n"),
        ("application/openmetrics-text", "application/openmetrics-text; version=", "# EOF\n"),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.9", "text/plain; version=0.0.4;", ""),
        ("application/openmetrics-text;q=0,text/plain", "text/plain; version=0.0.4;", ""),
        ("application/openmetrics-text;q=0", "text/plain; version=0.0.4;", ""),
        ("application/openmetrics-text; version=abc", "text/plain; version=0.0.4;", ""),
        ("text/plain; version=abc, application/openmetrics-text;q=0.5", "application/openmetrics-text; version=", ""),
        (PROMETHEUS, "application/openmetrics-text; version=1.0.0;", "# EOF\n"),
    ],
)
def test_scrape_is_in_the_format_it_says(client: FlaskClient, accept: str, content_type: str, last: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.headers["Vary"] == "Accept"
    assert "html" not in answer.headers["Content-Type"]
    assert answer.text.endswith("# EOF\n") == answer.headers["Content-Type"].startswith("application/openmetrics")
    assert answer.text.endswith(last)


def test_exemplar_leads_to_the_trace(client: FlaskClient) -> None:
    client.get("/api/info", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    scrape = client.get("/metrics", headers=OPENMETRICS).text
    exemplars = [
        (sample.name, sample.labels["route"], sample.exemplar.labels)
        for family in openmetrics(scrape)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.exemplar
    ]
    assert exemplars == [("http_request_duration_seconds_bucket", "/api/info", {"trace_id": TRACE})]
    assert TRACE not in client.get("/metrics").text


def test_trace_that_nobody_records_is_no_exemplar(client: FlaskClient) -> None:
    client.get("/api/info", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"})
    assert TRACE not in client.get("/metrics", headers=OPENMETRICS).text


def test_sizes_are_counted(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/nowhere", data=b"12345")
    scraped = Metrics.of(app).registry
    assert scraped.get_sample_value("http_request_bytes_total") == 5
    assert scraped.get_sample_value("http_response_bytes_total") == len(answer.data)
    assert int(client.head("/api/info").headers["Content-Length"]) > 0
    assert scraped.get_sample_value("http_response_bytes_total") == len(answer.data)
