"""The troubleshooting chapter has an entry for each drill and none else, in the doctor's own words."""

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.markdown import tables
from checks.repositories import HERE, NAMES, folder
from tests.conftest import require

PAGE = HERE / "README_TECH.md"
ENTRY = re.compile(r"`(?P<cause>[a-z-]+)`: (?P<said>.+)")
OPEN = "…"  # stands for what depends on the day


@pytest.fixture
def drills(infra_dir: Path) -> tuple[Any, ...]:
    return tuple(runpy.run_path(str(infra_dir / "proofs" / "drills" / "drills.py"))["DRILLS"])


def entries() -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in tables(PAGE)["By symptom"][1:]}


def test_the_entries_are_those_of_the_drills(drills: tuple[Any, ...]) -> None:
    assert list(entries()) == [drill.name for drill in drills]


def test_an_entry_says_what_its_drill_says(drills: tuple[Any, ...]) -> None:
    for drill in drills:
        symptom, doctor, fix = entries()[drill.name]
        said = ENTRY.fullmatch(doctor)
        assert said is not None, doctor
        assert (symptom, said["cause"]) == (drill.symptom, drill.cause)
        assert fix == drill.fix or (drill.fix == "the doctor's own command" and fix.startswith("`"))


def test_the_doctor_says_it_in_these_words(infra_dir: Path) -> None:
    modules = sorted((infra_dir / "scrape_doctor").rglob("*.py"))
    findings = [finding for module in modules for finding in found_by(module)]
    commands = [text for module in modules for text in texts(module)]
    for _, doctor, fix in entries().values():
        said = ENTRY.fullmatch(doctor)
        assert said is not None
        words = [what for cause, what in findings if re.fullmatch(cause, said["cause"])]
        assert spoken(said["said"], words), said["said"]
        assert not fix.startswith("`") or spoken(fix.strip("`"), commands), fix


def spoken(text: str, words: list[str]) -> bool:
    """Tell whether one of the patterns makes the text; what the page leaves open may be anything."""
    return any(re.fullmatch(word, text, re.DOTALL) for word in words)


def texts(module: Path) -> list[str]:
    """Return everything that a module puts together, as patterns."""
    return [pattern(node) for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.JoinedStr)]


def found_by(module: Path) -> Iterator[tuple[str, str]]:
    """Yield what a module may find, as patterns: the cause and its sentence.

    A cause that is computed may be any that the module names.
    """
    tree = ast.parse(module.read_text())
    named = "|".join(pattern(node) for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="broken"), args=[cause, said, *_]):
                yield named if isinstance(cause, ast.Name) else pattern(cause), pattern(said)


def pattern(text: ast.expr) -> str:
    """Return what a text may look like; what is computed may be anything, but not all of it."""
    match text:
        case ast.Constant(value=value):
            return re.escape(str(value))
        case ast.JoinedStr(values=parts) if any(isinstance(part, ast.Constant) for part in parts):
            return "".join(pattern(part) if isinstance(part, ast.Constant) else ".*" for part in parts)
    return "(?!)"


def test_words_that_the_doctor_does_not_say_are_found(infra_dir: Path) -> None:
    findings = list(found_by(infra_dir / "scrape_doctor" / "checks" / "image.py"))
    words = [said for cause, said in findings if re.fullmatch(cause, "image-missing")]
    assert spoken("image a/b:1 does not exist", words)
    assert not spoken("image a/b:1 is not there", words)
    assert not spoken("image a/b:1 cannot be pulled", words), "the sentence of another cause"


def test_every_decision_names_files_that_exist() -> None:
    require(*NAMES)
    decisions = tables(HERE / "DECISIONS.md")["Decisions and their trade-offs"][1:]
    assert len(decisions) > 10
    for decision, cost, where in decisions:
        assert decision
        assert cost
        repository, _, path = where.strip("`").partition("/")
        assert (folder(repository) / path).exists(), where
