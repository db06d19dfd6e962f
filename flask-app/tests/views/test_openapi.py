"""The document and the live application, held against each other both ways."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.routing import Rule

from app import create_app
from app.config import Config
from app.faults.injection import EXCLUDED_ROUTES
from app.faults.kinds import COMMON, KINDS
from app.http.limits import HEAD_BYTES
from app.views.openapi import DOCUMENT
from scripts import describe
from tests.live_server import BEARER, Server, serve

PAPER: dict[str, Any] = json.loads(DOCUMENT.read_text())
APP = create_app(Config())
# The template's own routes, by how the document writes them.
RULES = {describe.path(rule): rule.rule for rule in describe.template_rules(APP)}
FAULT = "/api/faults/{kind}"
LARGEST_BODY = 1000


@dataclass(frozen=True)
class Question:
    """A request that is described, and the status that it should get; `faults` are on meanwhile."""

    method: str
    path: str
    status: str
    fills: str = ""
    send: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    @property
    def url(self) -> str:
        return re.sub(r"{(\w+)}", lambda name: self.fills or example(self.path, self.method, name[1]), self.path)

    @property
    def described(self) -> dict[str, Any]:
        """What the document says of the answer."""
        responses = PAPER["paths"][self.path][self.method.lower()]["responses"]
        answer = responses.get(self.status) or responses[f"{self.status[0]}XX"]
        described: dict[str, Any] = components(answer["$ref"]) if "$ref" in answer else answer
        return described


def components(reference: str) -> Any:
    """Return what a reference of the document means."""
    found = PAPER
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


def example(path: str, method: str, name: str) -> str:
    """Return the example that the document gives of a parameter."""
    item = PAPER["paths"][path]
    parameters = [*item.get("parameters", []), *item[method.lower()].get("parameters", [])]
    (found,) = (each["example"] for each in parameters if each["name"] == name)
    return str(found)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what the document says of the template's own routes."""
    for path, item in ((path, item) for path, item in PAPER["paths"].items() if path in RULES):
        for method in sorted(set(item) - {"parameters"}):
            yield method.upper(), path, item[method]


def questions() -> Iterator[Question]:
    every = {kind: {"seconds": 60, "rate": 0.001} for kind in KINDS}
    for method, path, _ in operations():
        token = {"headers": BEARER} if path == FAULT else {}
        yield Question(method, path, "413", send={**token, "data": b" " * (LARGEST_BODY + 1)})
        yield Question(method, path, "431", send={"headers": {**BEARER, "X-Long": "x" * HEAD_BYTES}})
        if path != FAULT:
            yield Question(method, path, "200", faults=every if path.startswith("/api/") else {})
        if RULES[path] not in EXCLUDED_ROUTES:
            yield Question(method, path, "502", faults={"errors": {"status": 502, "route": RULES[path]}})
    yield Question("GET", "/metrics", "200", send={"headers": {"Accept": "application/openmetrics-text"}})
    yield Question("GET", "/static/{filename}", "404", "nothing.js")
    yield Question("GET", "/ready", "503", faults={"unready": {}})
    for kind in KINDS:
        yield Question("PUT", FAULT, "200", kind, {"headers": BEARER, "json": {"rate": 0.001}})
        yield Question("DELETE", FAULT, "204", kind, {"headers": BEARER})
    yield Question("PUT", FAULT, "400", send={"headers": BEARER, "json": {"rate": 2}})
    yield Question("PUT", FAULT, "415", send={"headers": BEARER, "data": "{}"})
    for method in ("PUT", "DELETE"):
        yield Question(method, FAULT, "401", send={"json": {}})
        yield Question(method, FAULT, "404", "nothing", {"headers": BEARER, "json": {}})


QUESTIONS = list(questions())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"MAX_BODY_BYTES": str(LARGEST_BODY), "ACCESS_LOG": "false"}
    with serve(tmp_path_factory.mktemp("openapi"), **environ) as server:
        yield server


def ask(server: Server, question: Question, accept: str = "*/*") -> requests.Response:
    send = dict(question.send)
    send["headers"] = {"Accept": accept, **send.get("headers", {})}
    for kind, payload in question.faults.items():
        server.fault(kind, **payload)
    try:
        return requests.request(question.method, server.url + question.url, timeout=10, **send)
    finally:
        for kind in question.faults:
            server.stop_fault(kind)


def schema(media: Mapping[str, Any]) -> dict[str, Any]:
    return {**media.get("schema", {}), "components": PAPER["components"]}


def promised(schema: Any, where: str = "") -> Iterator[str]:
    """Yield every property that a schema describes."""
    if "$ref" in schema:
        where, schema = schema["$ref"], components(schema["$ref"])
    for name, described in schema.get("properties", {}).items():
        yield f"{where}/{name}"
        yield from promised(described, f"{where}/{name}")
    if "items" in schema:
        yield from promised(schema["items"], f"{where}[]")


def kept(schema: Any, value: Any, where: str = "") -> Iterator[str]:
    """Yield every property that a schema describes and a value has."""
    if "$ref" in schema:
        where, schema = schema["$ref"], components(schema["$ref"])
    for name, described in schema.get("properties", {}).items():
        if name in value:
            yield f"{where}/{name}"
            yield from kept(described, value[name], f"{where}/{name}")
    for item in value if "items" in schema else ():
        yield from kept(schema["items"], item, f"{where}[]")


def test_document_and_application_have_the_same_routes(app: Flask) -> None:
    def routed(rules: Iterable[Rule]) -> set[tuple[str, str]]:
        return {(method, describe.path(rule)) for rule in rules for method in describe.methods(rule)}

    document = {(method.upper(), path) for path, item in PAPER["paths"].items() for method in {*item} - {"parameters"}}
    assert routed(describe.template_rules(app)) - document == set(), "undescribed: make describe"
    assert document - routed(app.url_map.iter_rules()) == set(), "gone: delete them in openapi.json"


def test_every_status_described_is_asked_for() -> None:
    described = {(method, path, status) for method, path, item in operations() for status in item["responses"]}
    # Routes that no fault hits fail only when too many requests wait: see tests/server/test_serving.py.
    unasked = {(method, path, "5XX") for method, path, _ in operations() if path in (FAULT, "/api/faults")}
    asked = {(each.method, each.path, each.status.replace("502", "5XX")) for each in QUESTIONS}
    assert asked | unasked == described


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_answer_is_as_described(server: Server, question: Question) -> None:
    answer = ask(server, question)
    assert str(answer.status_code) == question.status, answer.text
    described = question.described.get("content", {})
    mimetype = answer.headers.get("Content-Type", "").partition(";")[0]
    assert mimetype in described or "*/*" in described or not (described or answer.content)
    if mimetype == "application/json" and mimetype in described:
        assert described["application/json"]["schema"], "anything would be right"
        Draft202012Validator(schema(described["application/json"])).validate(answer.json())
    if "text/html" in described and "application/json" in described:
        page = ask(server, question, "text/html")
        assert (page.status_code, page.headers["Content-Type"]) == (answer.status_code, "text/html; charset=utf-8")
        assert page.text.startswith("<!doctype html>")


def test_every_property_described_is_there(server: Server) -> None:
    """A schema may describe more than there is, and no answer would ever be wrong by it."""
    requests.get(server.url + "/api/info", timeout=5)
    there: set[str] = set()
    described: set[str] = set()
    for question in QUESTIONS:
        if media := question.described.get("content", {}).get("application/json"):
            where = f"{question.path}"
            there.update(kept(media["schema"], ask(server, question).json(), where))
            described.update(promised(media["schema"], where))
    assert there == described


def test_fault_parameters_have_the_bounds_that_are_described(server: Server) -> None:
    def status(name: str, value: object) -> int:
        (kind, *_) = [kind for kind in KINDS if name in {**COMMON, **KINDS[kind].parameters}]
        payload = {"rate": 0.001, name: value}
        answer = requests.put(f"{server.url}/api/faults/{kind}", json=payload, headers=BEARER, timeout=5)
        server.stop_fault(kind)
        return answer.status_code

    described = dict(PAPER["components"]["schemas"]["FaultParameters"]["properties"])
    assert described.pop("route") == {"type": "string", "default": "*"}
    assert set(described) == set(COMMON).union(*(kind.parameters for kind in KINDS.values()))
    for name, bounds in described.items():
        ends = bounds.get("enum") or [bounds["minimum"], bounds["maximum"]]
        assert [status(name, value) for value in (*ends, bounds["default"])] == [200] * (len(ends) + 1), name
        assert [status(name, value) for value in (min(ends) * 0.99, max(ends) * 1.01, "x", None)] == [400] * 4, name
    for kind in KINDS:
        answer = requests.put(f"{server.url}/api/faults/{kind}", json={}, headers=BEARER, timeout=5).json()
        server.stop_fault(kind)
        assert {name: described[name]["default"] for name in described if name in answer} == {
            name: answer[name] for name in described if name in answer
        }


def test_document_is_served_as_it_is_and_its_schemas_are_schemas(server: Server) -> None:
    assert requests.get(server.url + "/openapi.json", timeout=5).json() == PAPER
    for each in PAPER["components"]["schemas"].values():
        Draft202012Validator.check_schema(each)
