import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("image/png", "application/json"),
    ],
)
def test_error_is_html_or_json_by_accept(client: FlaskClient, accept: str, mimetype: str) -> None:
    answer = client.get("/nowhere", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, mimetype)
    assert answer.headers["Vary"] == "Accept"
    if mimetype == "application/json":
        assert answer.get_json()["status"] == 404


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_wrong_method_is_answered_with_the_right_ones(client: FlaskClient, accept: str) -> None:
    answer = client.delete("/api/info", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (405, accept)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_crash_of_a_view_shows_nothing_of_the_program(app: Flask, accept: str) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("a secret of the program")

    answer = app.test_client().get("/broken", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (500, accept)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
