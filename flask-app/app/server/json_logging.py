"""The log of the server and the application, as lines of JSON like those of the access log."""

import json
import logging
import sys
from datetime import UTC, datetime

from gunicorn.config import Config
from gunicorn.glogging import Logger


class Formatter(logging.Formatter):
    """One record as one line of JSON, with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its line feed, which the handler adds."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            "process": record.process,
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


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
