"""Recipes are short, and what a user or a workflow passes to them is never read as a command."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from release.inputs import RULES

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
RECIPES = re.findall(r"^([a-z0-9-]+):.*\n((?:\t.*\n)+)", MAKEFILE, re.M)
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.suffix != ".sh")  # those are sourced
STOPS = re.compile(r'set -e?uo pipefail|source "\$\(dirname "\$0"\)/[a-z-]+\.sh"')
STEPS = (
    *("plan", "verify", "promote", "record", "deploy", "gate", "rollback", "withdraw"),
    *("monitoring", "diagnostics"),
)


def test_recipe_is_one_or_two_lines() -> None:
    assert {"plan", "deploy", "doctor"} <= {target for target, _ in RECIPES}
    assert [target for target, recipe in RECIPES if len(recipe.splitlines()) > 2] == []


def test_no_recipe_lets_make_write_an_input_into_a_command() -> None:
    expanded = {name for _, recipe in RECIPES for name in re.findall(r"\$\((\w+)", recipe)}
    assert "BIN" in expanded
    assert expanded & {*RULES, "SECONDS", "APP_DIR", "PORT", "PROMETHEUS_PORT", "DOCTOR_ARGS"} == set()


@pytest.mark.parametrize("target", STEPS)
def test_hostile_input_is_refused_in_one_line_and_never_run(target: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hostile = dict.fromkeys(RULES, f"x`touch {mark}`$(touch {mark})\";touch {mark};'")
    done = subprocess.run(
        ["make", "--silent", "--old-file=setup", target],
        cwd=ROOT,
        env={**os.environ, **hostile},
        capture_output=True,
        text=True,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert done.returncode != 0
    assert not mark.exists()
    assert len(said) == 1
    assert "refused: " in said[0]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_is_executable_says_what_it_does_and_stops_at_a_failure(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert os.access(script, os.X_OK)
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1].startswith("# ")
    assert any(STOPS.fullmatch(line) for line in lines)
