from flask import Flask
from flask.testing import FlaskClient

from app.health import Health


def test_live_app_answers_200(client: FlaskClient) -> None:
    assert client.get("/health").status_code == 200


def test_unready_app_answers_503(app: Flask, client: FlaskClient) -> None:
    assert client.get("/ready").status_code == 200
    Health.of(app).unready["test"] = "because of a test"
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()["reasons"]) == (503, ["because of a test"])
    assert client.get("/health").status_code == 200
