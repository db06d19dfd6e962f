"""What clients ask for: a blueprint for each subject."""

from flask import Flask

from app.views import dashboard, faults, info, openapi, stats


def init_app(app: Flask) -> None:
    """Register every blueprint with `app`."""
    for view in (dashboard, info, stats, faults, openapi):
        app.register_blueprint(view.bp)
