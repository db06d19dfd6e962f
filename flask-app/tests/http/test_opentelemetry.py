"""With OpenTelemetry's Flask instrumentation the trace in logs and exemplars is the span's, whoever began it."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler

from app import create_app
from app.config import Config
from app.http import request_id

OPENMETRICS = {"Accept": "application/openmetrics-text"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


class Traced:
    """An application with spans, and those that have ended."""

    def __init__(self, sampler: Sampler) -> None:
        self.app: Flask = create_app(Config())
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler=sampler)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.app.add_url_rule("/fields", view_func=request_id.log_fields)
        self.app.add_url_rule("/stream", view_func=lambda: (str(number) for number in range(3)))
        FlaskInstrumentor().instrument_app(self.app, tracer_provider=provider)  # type: ignore[no-untyped-call]

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def scrape(self) -> str:
        return self.app.test_client().get("/metrics", headers=OPENMETRICS).text


@pytest.fixture
def traced(request: pytest.FixtureRequest) -> Iterator[Traced]:
    traced = Traced(getattr(request, "param", ALWAYS_ON))
    yield traced
    FlaskInstrumentor().uninstrument_app(traced.app)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("headers", [{}, {"traceparent": PARENT}], ids=["root", "child"])
def test_log_and_exemplar_have_the_spans_trace(
    traced: Traced, headers: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    fields = traced.app.test_client().get("/fields", headers=headers).get_json()
    (span,) = traced.spans()
    assert span.context is not None
    trace = f"{span.context.trace_id:032x}"
    assert (trace == TRACE) == bool(headers)
    assert fields["trace_id"] == trace
    assert json.loads(capfd.readouterr().out)["trace_id"] == trace
    assert f'# {{trace_id="{trace}"}}' in traced.scrape()


def test_stream_has_its_spans_trace_though_the_span_ends_first(
    traced: Traced, capfd: pytest.CaptureFixture[str]
) -> None:
    assert traced.app.test_client().get("/stream").text == "012"
    (span,) = traced.spans()
    assert span.context is not None
    assert json.loads(capfd.readouterr().out)["trace_id"] == f"{span.context.trace_id:032x}"


def test_span_knows_its_answer(traced: Traced) -> None:
    """Its instrumentation asks Flask for the request when the response begins, so that must not be later."""
    for path, status in (("/fields", 200), ("/stream", 200), ("/nowhere", 404)):
        traced.app.test_client().get(path)
        attributes = traced.spans()[-1].attributes or {}
        assert attributes["http.status_code"] == status


@pytest.mark.parametrize("traced", [ALWAYS_OFF, ParentBased(ALWAYS_OFF)], ids=["off", "root off"], indirect=True)
def test_what_is_not_sampled_gets_no_exemplar(traced: Traced, capfd: pytest.CaptureFixture[str]) -> None:
    fields = traced.app.test_client().get("/fields").get_json()
    assert len(fields["trace_id"]) == 32
    assert json.loads(capfd.readouterr().out)["trace_id"] == fields["trace_id"]
    assert "# {trace_id" not in traced.scrape()


def test_parent_that_is_sampled_decides(capfd: pytest.CaptureFixture[str]) -> None:
    traced = Traced(ParentBased(ALWAYS_OFF))
    traced.app.test_client().get("/fields", headers={"traceparent": PARENT})
    assert f'# {{trace_id="{TRACE}"}}' in traced.scrape()
    FlaskInstrumentor().uninstrument_app(traced.app)  # type: ignore[no-untyped-call]
