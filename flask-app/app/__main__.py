"""Start the server: check the settings before gunicorn is imported, since it reads WEB_CONCURRENCY then."""

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
