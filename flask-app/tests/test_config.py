import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.config import Config, ConfigError

ROOT = Path(__file__).parent.parent
TOKEN = "a-token-only-for-tests"


def test_empty_environment_gives_the_defaults() -> None:
    assert Config.from_env({}) == Config()
    assert Config.from_env({"PORT": ""}) == Config()


def test_environment_is_read(tmp_path: Path) -> None:
    environ = {"PORT": "8080", "ACCESS_LOG": "False", "LOG_LEVEL": "WARNING", "STATE_DIR": str(tmp_path)}
    config = Config.from_env(environ)
    assert (config.port, config.access_log, config.log_level) == (8080, False, "warning")
    assert config.state_dir == tmp_path


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PORT", "http", "a whole number from 1 to 65535"),
        ("PORT", "0", "a whole number from 1 to 65535"),
        ("PORT", "٣", "a whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "-1", "a whole number from 1 to 64"),
        ("THREADS", "2.5", "a whole number from 1 to 256"),
        ("THREADS", "9" * 5000, "a whole number from 1 to 256"),
        ("APP_VERSION", "two\nlines", "at most 128 printable characters"),
        ("APP_REVISION", "a" * 129, "at most 128 printable characters"),
        ("ACCESS_LOG", "maybe", "true or false"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("STATE_DIR", "/nowhere", "a directory that exists and can be written"),
    ],
)
def test_bad_value_is_named_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({variable: value})
    assert str(caught.value) == f"{variable}={value!r}: must be {allowed}"


def test_bad_token_is_not_shown() -> None:
    with pytest.raises(ConfigError, match="FAULTS_TOKEN=\\(hidden\\): must be at least 16") as caught:
        Config.from_env({"FAULTS_TOKEN": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert TOKEN not in repr(Config(faults_enabled=True, faults_token=TOKEN))


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"FAULTS_ENABLED": "true"}, "FAULTS_TOKEN"),
        ({"TRUSTED_PREFIX": "true"}, "TRUSTED_PROXIES"),
        ({"SHUTDOWN_DRAIN_SECONDS": "30", "SHUTDOWN_TIMEOUT_SECONDS": "30"}, "SHUTDOWN_DRAIN_SECONDS"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(environ: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Config.from_env(environ)


def test_settings_cannot_be_changed(app: Flask) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config.of(app).port = 1  # type: ignore[misc]


BAD = {
    "PORT": "http",
    "WEB_CONCURRENCY": "abc",
    "THREADS": "9" * 5000,
    "CPU_AFFINITY": "maybe",
    "LOG_LEVEL": "loud",
    "ACCESS_LOG": "maybe",
    "APP_VERSION": "two\nlines",
    "APP_REVISION": os.fsdecode(b"\xff"),
    "SHUTDOWN_DRAIN_SECONDS": "-1",
    "SHUTDOWN_TIMEOUT_SECONDS": "0",
    "FAULTS_ENABLED": "maybe",
    "FAULTS_TOKEN": "hunter2",
    "MAX_BODY_BYTES": "1k",
    "TRUSTED_PROXIES": "17",
    "TRUSTED_PREFIX": "maybe",
    "STATE_DIR": "/nowhere",
}


def start(entry: str, variable: str, value: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", entry], cwd=ROOT, env={variable: value}, capture_output=True, text=True, timeout=30
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("variable", BAD)
def test_server_with_a_bad_setting_stops_with_one_line(variable: str) -> None:
    status, out, message = start("app", variable, BAD[variable])
    shown = "(hidden)" if variable == "FAULTS_TOKEN" else repr(BAD[variable])
    assert (status, out) == (1, "")
    assert re.fullmatch(re.escape(f"flask-app: {variable}={shown}: must be ") + r"\S.*\n", message), message


def test_gunicorn_itself_stops_the_same_way() -> None:
    message = "flask-app: PORT='http': must be a whole number from 1 to 65535\n"
    assert start("gunicorn", "PORT", BAD["PORT"]) == (1, "", message)
