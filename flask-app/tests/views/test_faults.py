import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Config
from app.faults.store import FaultStore

TOKEN = "a-token-only-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def faulty() -> Flask:
    """Return an application whose faults can be switched on."""
    return create_app(Config(faults_enabled=True, faults_token=TOKEN, max_body_bytes=20_000))


@pytest.fixture
def operator(faulty: Flask) -> FlaskClient:
    """Return a client of it."""
    return faulty.test_client()


def test_info_names_version_and_revision() -> None:
    client = create_app(Config(version="1.2.3", revision="abc")).test_client()
    answer = client.get("/api/info").get_json()
    assert (answer["version"], answer["revision"]) == ("1.2.3", "abc")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_faults_that_are_not_enabled_are_not_there(client: FlaskClient, method: str) -> None:
    assert client.open("/api/faults/errors", method=method, json={}, headers=BEARER).status_code == 404
    assert client.get("/api/faults").get_json()["enabled"] is False


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Token {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"],
)
def test_fault_asks_for_the_token(operator: FlaskClient, faulty: Flask, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = operator.put("/api/faults/errors", json={}, headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (state := FaultStore.of(faulty)) is not None
    assert not state.active()


@pytest.mark.parametrize(
    ("kind", "payload", "detail"),
    [
        ("errors", '{"rate": 2}', "rate is 2: must be a number from 0.001 to 1"),
        ("errors", '{"rate": true}', "rate is true: must be a number from 0.001 to 1"),
        ("errors", '{"seconds": 3601}', "seconds is 3601: must be a number from 1 to 3600"),
        ("errors", '{"seconds": 1e999}', "seconds is Infinity: must be a number from 1 to 3600"),
        ("errors", '{"status": 200}', "status is 200: must be one of 500, 502, 503, 504"),
        (
            "errors",
            '{"delay_seconds": 1}',
            "delay_seconds is 1: must be left out: errors has rate, seconds, status, route",
        ),
        ("latency", '{"route": "/ready"}', 'route is "/ready": must be one of *, /'),
        ("latency", '{"route": [1]}', "route is [1]: must be one of *, /"),
        ("memory", '{"route": "/"}', 'route is "/": must be one of *'),
        ("memory", "[]", "the body is []: must be a JSON object"),
        ("memory", '{"rate": NaN}', "The body is not JSON that can be read."),
        ("memory", "{", "The body is not JSON that can be read."),
        ("memory", "[" * 10_000, "The body is not JSON that can be read."),
    ],
)
def test_invalid_parameters_are_refused_by_name(operator: FlaskClient, kind: str, payload: str, detail: str) -> None:
    answer = operator.put(f"/api/faults/{kind}", data=payload, content_type="application/json", headers=BEARER)
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(detail)


def test_wrong_type_size_name_and_method_get_their_status(operator: FlaskClient) -> None:
    def put(kind: str, data: str, content_type: str) -> int:
        return operator.put(f"/api/faults/{kind}", data=data, content_type=content_type, headers=BEARER).status_code

    assert put("errors", "{}", "text/plain") == 415
    assert put("errors", " " * 20_001, "application/json") == 413
    assert put("nothing", "{}", "application/json") == 404
    assert operator.post("/api/faults/errors", json={}, headers=BEARER).status_code == 405


def test_fault_is_listed_until_it_is_switched_off(operator: FlaskClient) -> None:
    answer = operator.put("/api/faults/latency", json={"rate": 0.5, "route": "/"}, headers=BEARER)
    assert answer.status_code == 200
    active = [each for each in operator.get("/api/faults").get_json()["faults"] if each["active"]]
    assert [(each["fault"], each["rate"], each["route"]) for each in active] == [("latency", 0.5, "/")]
    assert 0 < active[0]["seconds_remaining"] <= 60
    assert operator.delete("/api/faults/latency", headers=BEARER).status_code == 204
    assert not any(each["active"] for each in operator.get("/api/faults").get_json()["faults"])
