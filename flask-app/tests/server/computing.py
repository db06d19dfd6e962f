"""The application with one route more: a request that computes and never waits."""

import time

from flask import Flask

from app import create_app

CPU_SECONDS = 1.0


def compute() -> str:
    """Keep the interpreter busy for a time of this thread alone, so that a busy machine changes nothing."""
    while time.thread_time() < CPU_SECONDS:
        pass
    return "done"


def create_computing_app() -> Flask:
    """Return the application that gunicorn is to load in place of the usual one."""
    app = create_app()
    app.add_url_rule("/compute", view_func=compute)
    return app
