"""The server's start: its settings are looked at before gunicorn, which reads WEB_CONCURRENCY while it is imported."""

import sys

from app.config import Config, ConfigError


def main() -> None:
    """Become gunicorn, or stop with one line if a setting cannot be used."""
    try:
        Config.from_env()
    except ConfigError as error:
        sys.exit(f"flask-app: {error}")
    from gunicorn.app.wsgiapp import run

    run(prog="gunicorn")


if __name__ == "__main__":
    main()
