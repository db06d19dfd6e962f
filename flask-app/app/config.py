"""The settings of the application: the environment, read once, into one typed frozen object.

`Config.from_env()` reads and checks them; `Config.of(app)` is the object that an application was made with.
Feature modules ask it in `init_app(app)`, or `Config.of(current_app)` later; nothing else reads the environment.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Self, cast, get_type_hints

from flask import Flask

LOG_LEVELS = ("debug", "info", "warning", "error")
TOKEN_MIN_LENGTH = 16
NAME_MAX_LENGTH = 128


class ConfigError(Exception):
    """A setting that cannot be used: one line naming the variable, its value and what is allowed."""


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        # Python itself refuses to read thousands of digits, in words that say nothing of what is allowed.
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return parse


def _switch(text: str) -> bool:
    try:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def _level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _name(text: str) -> str:
    if len(text) > NAME_MAX_LENGTH or not text.isprintable():
        raise ValueError(f"at most {NAME_MAX_LENGTH} printable characters")
    return text


def _directory(text: str) -> Path:
    path = Path(text)
    if not path.is_dir() or not os.access(path, os.W_OK):
        raise ValueError("a directory that exists and can be written")
    return path


def _token(text: str) -> str:
    if len(text) < TOKEN_MIN_LENGTH or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"at least {TOKEN_MIN_LENGTH} printable ASCII characters without spaces")
    return text


@dataclass(frozen=True)
class Setting:
    """How one setting is called outside, how its text becomes a value, and what it is for."""

    variable: str
    parse: Callable[[str], Any]
    text: str
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Config:
    """What can be set from outside. Times are in seconds, sizes in bytes; `None` means not set."""

    port: Annotated[int, Setting("PORT", _whole(1, 65535), "port to listen on")] = 5000
    workers: Annotated[int, Setting("WEB_CONCURRENCY", _whole(1, 64), "worker processes")] = 1
    threads: Annotated[int, Setting("THREADS", _whole(1, 256), "requests that a worker serves at once")] = 8
    cpu_affinity: Annotated[
        bool, Setting("CPU_AFFINITY", _switch, "keep a worker's threads on one CPU at a time, where there are several")
    ] = True
    log_level: Annotated[str, Setting("LOG_LEVEL", _level, "least severe message that is logged")] = "info"
    access_log: Annotated[bool, Setting("ACCESS_LOG", _switch, "log each request as a line of JSON")] = True
    version: Annotated[str, Setting("APP_VERSION", _name, "version to report; the image sets it")] = "0.0.0"
    revision: Annotated[str, Setting("APP_REVISION", _name, "commit to report; the image sets it")] = "unknown"
    shutdown_drain_seconds: Annotated[
        int, Setting("SHUTDOWN_DRAIN_SECONDS", _whole(0, 300), "how long a stopping server, unready, still serves")
    ] = 0
    shutdown_timeout_seconds: Annotated[
        int, Setting("SHUTDOWN_TIMEOUT_SECONDS", _whole(1, 600), "longest stop: drain and requests in flight")
    ] = 25
    faults_enabled: Annotated[bool, Setting("FAULTS_ENABLED", _switch, "let faults be switched on")] = False
    faults_token: Annotated[
        str | None, Setting("FAULTS_TOKEN", _token, "bearer token that switching a fault asks for", secret=True)
    ] = field(default=None, repr=False)
    max_body_bytes: Annotated[
        int, Setting("MAX_BODY_BYTES", _whole(1, 1 << 30), "largest request body that is accepted")
    ] = 65536
    trusted_proxies: Annotated[
        int, Setting("TRUSTED_PROXIES", _whole(0, 16), "proxies whose X-Forwarded-For, -Proto and -Host are trusted")
    ] = 0
    trusted_prefix: Annotated[bool, Setting("TRUSTED_PREFIX", _switch, "trust their X-Forwarded-Prefix too")] = False
    state_dir: Annotated[
        Path | None, Setting("STATE_DIR", _directory, "directory that the workers share; unset: a fresh temporary one")
    ] = None
    # Of app/views/example.py: delete it with that.
    hello_greeting: Annotated[str, Setting("HELLO_GREETING", _name, "word that /api/hello greets with")] = "Hello"

    def __post_init__(self) -> None:
        if self.faults_enabled and self.faults_token is None:
            raise ConfigError("FAULTS_TOKEN is not set: FAULTS_ENABLED=true asks for a token that guards the faults")
        if self.trusted_prefix and not self.trusted_proxies:
            raise ConfigError("TRUSTED_PREFIX=true: asks for TRUSTED_PROXIES of 1 or more, whose prefix it is")
        if self.shutdown_drain_seconds >= self.shutdown_timeout_seconds:
            raise ConfigError(
                f"SHUTDOWN_DRAIN_SECONDS={self.shutdown_drain_seconds}: must be less than"
                f" SHUTDOWN_TIMEOUT_SECONDS={self.shutdown_timeout_seconds}, which it is part of"
            )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings from environment variables; an empty one counts as not set. Raise ConfigError."""
        values: dict[str, Any] = {}
        for name, setting in cls.settings().items():
            text = environ.get(setting.variable, "")
            if not text:
                continue
            try:
                values[name] = setting.parse(text)
            except ValueError as error:
                shown = "(hidden)" if setting.secret else repr(text)
                raise ConfigError(f"{setting.variable}={shown}: must be {error}") from None
        return cls(**values)

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """Return what describes each field, by the field's name."""
        hints = get_type_hints(cls, include_extras=True)
        return {each.name: hints[each.name].__metadata__[0] for each in fields(cls)}

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Return the settings that `app` was made with."""
        return cast(Self, app.extensions["config"])

    def init_app(self, app: Flask) -> None:
        """Make these the settings of `app`."""
        app.extensions["config"] = self
        app.config["MAX_CONTENT_LENGTH"] = self.max_body_bytes
