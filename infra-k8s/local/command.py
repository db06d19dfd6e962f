"""The command line of `make up`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from local import ports, prometheus
from local.chart_target import ChartTarget
from local.stack import Stack


def run(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments, run the stack, and return the exit status."""
    target = ChartTarget.render()
    options = parser(target).parse_args(arguments)
    try:
        return Stack(
            app_dir(options.app_dir), target, options.port, options.prometheus_port, options.grafana_port
        ).run()
    except (ports.Unusable, prometheus.PrometheusMissing, ValueError) as error:
        print(f"up: {error}", file=sys.stderr)
        return 2


def parser(target: ChartTarget) -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="up", description="Run the application under a real Prometheus, no cluster.")
    made.add_argument("--app-dir", default="", help="folder of the application's repository")
    made.add_argument("--port", type=port, default=target.port, help="the application's port (the chart's)")
    made.add_argument("--prometheus-port", type=port, default=9090, help="Prometheus's port (9090)")
    made.add_argument("--grafana-port", type=port, default=3000, help="Grafana's port, where there is one (3000)")
    return made


def port(text: str) -> int:
    """Read a port number."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to 65535")
    return int(text)


def app_dir(text: str) -> Path:
    """Return the application's folder.

    Raises:
        ValueError: if it is not given or holds no application.
    """
    if not text:
        raise ValueError("APP_DIR is not set: make up APP_DIR=<folder of flask-app>")
    folder = Path(text).resolve()
    if not (folder / "gunicorn.conf.py").is_file():
        raise ValueError(f"APP_DIR={text}: no application there (gunicorn.conf.py is missing)")
    return folder
