"""Proofs import nothing from the tests; the tests may import from the proofs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[2]
MODULES = sorted((INFRA / "proofs").rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Yield the full name of every module that a source imports."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(INFRA)))
def test_a_proof_imports_nothing_from_the_tests(module: Path) -> None:
    assert [name for name in imported(module.read_text()) if name.partition(".")[0] == "tests"] == []


def test_imports_of_both_forms_are_found() -> None:
    assert list(imported("import tests.chart\ndef f():\n    from tests.doctor import faults")) == [
        "tests.chart",
        "tests.doctor",
    ]
