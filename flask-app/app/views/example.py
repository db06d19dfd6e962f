"""An example to copy or to delete: a route, a metric and a setting.

No other module names it. Delete it with tests/views/test_example.py, and its setting in app/config.py and README.md.
docs/make-it-yours.md tells what else can be added, and how.
"""

from flask import Blueprint, current_app
from prometheus_client import Counter

from app.config import Config

bp = Blueprint("example", __name__)

# Without the name as a label: clients choose it, and each would make another series.
HELLO = Counter("hello_total", "Greetings.")


@bp.get("/api/hello/<name>")
def hello(name: str) -> dict[str, str]:
    """Greet whoever is named."""
    HELLO.inc()
    return {"greeting": f"{Config.of(current_app).hello_greeting}, {name}!"}
