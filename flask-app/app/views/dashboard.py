"""The page for people: a dashboard of this very instance, complete without scripts and live with them."""

from flask import Blueprint, Response, current_app, make_response, render_template

from app.views.stats import statistics, summary

bp = Blueprint("dashboard", __name__)


@bp.get("/")
def index() -> Response:
    """Show how this instance is doing."""
    stats = statistics(current_app)
    response = make_response(render_template("index.html", stats=stats, summary=summary(stats)))
    response.cache_control.no_store = True
    return response
