"""The log of the server and the application, as lines of JSON like those of the access log."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.http import request_id

# What every record has; the rest is what a call gave as `extra`.
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}


class Formatter(logging.Formatter):
    """One record as one line of JSON, with its traceback, the request's id, and what the call gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its line feed, which the handler adds."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            "process": record.process,
            **request_id.log_fields(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
        # A name that the line has already gets another, so that nothing is lost.
        return _encode(entry | {name + "_" if name in entry else name: value for name, value in extra.items()})


def _encode(entry: dict[str, Any]) -> str:
    try:
        return json.dumps(entry, default=str, allow_nan=False)
    except (TypeError, ValueError):
        # What has no form in JSON, as NaN or an object that contains itself, must not cost the line.
        return json.dumps({name: value if isinstance(value, int) else str(value) for name, value in entry.items()})


class ServerLog(Logger):
    """Gunicorn's logger in this format, for the application's messages too."""

    def setup(self, cfg: Config) -> None:
        """Write what gunicorn, the application and libraries log to stdout, in the format of the access log."""
        super().setup(cfg)
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(Formatter())
        self.error_log.handlers = [handler]
        logging.getLogger().handlers = [handler]
        logging.getLogger().setLevel(self.loglevel)
