"""The application factory: composition only."""

from flask import Flask

from app import access_log, api, errors, fault_state, headers, health, injection, limits, metrics, pages, traffic
from app.config import Config


def create_app(config: Config | None = None) -> Flask:
    """Return a new application, configured by `config` or else by the environment."""
    app = Flask(__name__, root_path=None, template_folder="../templates", static_folder="../static")
    (config or Config.from_env()).init_app(app)
    way = traffic.init_app(app)
    metrics.init_app(app, way)
    access_log.init_app(app, way)
    headers.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    health.init_app(app)
    fault_state.init_app(app)
    injection.init_app(app)
    api.init_app(app)
    pages.init_app(app)
    return app
