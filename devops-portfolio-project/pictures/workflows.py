"""Draw the last lines that each step of CI and CD printed."""

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from pictures import terminal
from pictures.picture import SCREENSHOTS, Skipped

PICTURES = (SCREENSHOTS / "ci-workflow-success.png", SCREENSHOTS / "cd-workflow-success.png")
LOGS = {PICTURES[0]: "CI_LOG", PICTURES[1]: "CD_LOG"}
STEP = re.compile(r"^(?:\$|==>) ", re.MULTILINE)
FAILED = re.compile(r"^make.*\*\*\*", re.MULTILINE)
LINES = 48  # of output in a picture, shared by its steps
FEWEST = 4
TEMPORARY = re.compile(r"/tmp/[\w.-]+/")


def take_ci() -> None:
    """Draw the CI steps; raise Skipped without their output."""
    take(PICTURES[0], "CI: the last lines of each step of flask-app")


def take_cd() -> None:
    """Draw the CD steps; raise Skipped without their output."""
    take(PICTURES[1], "CD: the last lines of each step of infra-k8s")


def take(picture: Path, title: str) -> None:
    """Draw the log behind a picture."""
    variable = LOGS[picture]
    log = Path(os.environ.get(variable) or f"{variable} is not set")
    if not log.is_file():
        raise Skipped(f"there is no output of these steps ({log}): run make workflows, or set {variable}")
    output = log.read_text(errors="replace")
    if FAILED.search(output):
        raise Skipped(f"{variable}={log}: one of its steps failed, and this is the picture of a success")
    text = "\n".join(steps(output))
    if not text:
        raise Skipped(f"{variable}={log}: holds no step, which begins with '$ ' or '==> '")
    terminal.draw(title, text, picture)


def steps(output: str) -> Iterator[str]:
    """Yield the command of each step, the number of lines left out, and its last lines."""
    output = TEMPORARY.sub("…/", output)
    starts = [found.start() for found in STEP.finditer(output)]
    most = max(FEWEST, LINES // max(1, len(starts)))
    for start, end in pairwise([*starts, len(output)]):
        command, *lines = output[start:end].rstrip().splitlines()
        lines = [line for line in lines if line.strip()]
        yield f"\x1b[32m$\x1b[0m \x1b[1m{STEP.sub('', command)}\x1b[0m"
        if len(lines) > most:
            yield f"\x1b[2m… {len(lines) - most} lines\x1b[0m"
        yield from lines[-most:]
