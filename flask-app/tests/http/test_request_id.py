"""The id that a client gets is the one of every line that is logged for its request."""

import json
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.http import request_id
from tests.live_server import eventually, serve
from tests.server.test_serving import log

APPLICATION = "tests.http.test_request_id:create_logging_app()"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def create_logging_app() -> Flask:
    """Return the application with routes that log and fail."""
    app = create_app()

    def ordered() -> str:
        app.logger.warning("ordered %s", "tea", extra={"order": 7, "level": "gold", "price": float("nan"), "for": {1}})
        return "ordered"

    def failing() -> str:
        raise ValueError("tea is out")

    app.add_url_rule("/ordered", view_func=ordered)
    app.add_url_rule("/failing", view_func=failing)
    return app


@pytest.mark.parametrize("given", ["7", "a" * 128, "0af7651916cd43dd-8448.eb_21~1/c+80=="])
def test_well_formed_id_comes_back(client: FlaskClient, given: str) -> None:
    assert client.get("/api/info", headers={"X-Request-ID": given}).headers.getlist("X-Request-ID") == [given]


@pytest.mark.parametrize("given", [None, "", "a" * 129, "a b", 'a"b', "é", "<b>", "a,b"])
def test_any_other_id_is_replaced_by_one_of_its_own(client: FlaskClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    made = {client.get("/nowhere", headers=headers).headers["X-Request-ID"] for _ in range(20)}
    assert len(made) == 20
    assert all(request_id.WELL_FORMED.fullmatch(each) and each != given for each in made)


def test_view_may_set_the_header_itself(app: Flask) -> None:
    app.add_url_rule("/own", view_func=lambda: ("", {"x-request-id": "upstream"}))
    assert app.test_client().get("/own").headers.getlist("X-Request-ID") == ["upstream"]


def test_nothing_is_said_of_a_request_outside_of_one(client: FlaskClient) -> None:
    client.get("/api/info", headers={"X-Request-ID": "7"})
    assert request_id.log_fields() == {"request_id": "7"}
    request_id.end()
    assert request_id.log_fields() == {}


def test_every_line_of_a_request_has_its_id_and_what_the_call_gave(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION) as server:
        traceparent = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        got = requests.get(f"{server.url}/ordered", headers=traceparent, timeout=5).headers["X-Request-ID"]
        assert eventually(lambda: len([entry for entry in log(server) if entry.get("request_id") == got]) == 2)
        ordered, request = (entry for entry in log(server) if entry.get("request_id") == got)
        assert (ordered["message"], request["message"]) == ("ordered tea", "request")
        assert ordered["trace_id"] == request["trace_id"] == TRACE
        assert (ordered["order"], ordered["level"], ordered["level_"]) == (7, "warning", "gold")
        assert (ordered["price"], ordered["for"]) == ("nan", "{1}")
        assert all("request_id" not in entry for entry in log(server) if entry.get("logger") == "gunicorn.error")


def test_traceback_has_the_id_that_the_client_got(tmp_path: Path) -> None:
    with serve(tmp_path, APPLICATION) as server:
        answer = requests.get(f"{server.url}/failing", timeout=5)
        assert answer.status_code == 500
        (line,) = (entry for entry in log(server) if "exception" in entry)
        assert "ValueError: tea is out" in str(line["exception"])
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert "trace_id" not in line


def test_thread_that_served_a_request_says_nothing_of_it_later(tmp_path: Path) -> None:
    """What is not HTTP is refused by the server itself, in a thread that has served others."""
    with serve(tmp_path) as server:
        for _ in range(20):
            assert requests.get(f"{server.url}/api/info", timeout=5).ok
        with requests.Session() as session:
            session.headers["Bad Name"] = "x"
            for _ in range(20):
                assert session.get(f"{server.url}/api/info", timeout=5).status_code == 400
        refused = [entry for entry in log(server) if "Invalid request" in str(entry["message"])]
        assert len(refused) == 20, json.dumps(refused)
        assert not [entry for entry in refused if "request_id" in entry]
