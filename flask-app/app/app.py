"""The application factory: composition only."""

from flask import Flask

from app import health, metrics, views
from app.config import Config
from app.faults import injection, store
from app.http import access_log, errors, instrumentation, limits, proxy, security_headers


def create_app(config: Config | None = None) -> Flask:
    """Return a new application, configured by `config` or else by the environment."""
    app = Flask(__name__, root_path=None, template_folder="../templates", static_folder="../static")
    (config or Config.from_env()).init_app(app)
    requests = instrumentation.init_app(app)
    metrics.init_app(app, requests)
    access_log.init_app(app, requests)
    security_headers.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    health.init_app(app)
    store.init_app(app)
    injection.init_app(app)
    views.init_app(app)
    proxy.init_app(app)
    return app
