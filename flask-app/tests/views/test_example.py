from flask.testing import FlaskClient

from app import create_app
from app.config import Config
from app.metrics import Metrics


def test_hello_greets_whoever_is_named(client: FlaskClient) -> None:
    assert client.get("/api/hello/Ada").json == {"greeting": "Hello, Ada!"}


def test_greeting_is_a_setting() -> None:
    client = create_app(Config.from_env({"HELLO_GREETING": "Good morning"})).test_client()
    assert client.get("/api/hello/Ada").json == {"greeting": "Good morning, Ada!"}


def test_greetings_are_counted() -> None:
    app = create_app(Config())
    registry = Metrics.of(app).registry
    before = registry.get_sample_value("hello_total") or 0
    app.test_client().get("/api/hello/Ada")
    assert registry.get_sample_value("hello_total") == before + 1
