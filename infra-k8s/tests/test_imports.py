"""The packages import each other one way, and proofs nothing from the tests."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[1]
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


def arrows(root: Path = INFRA) -> dict[str, set[str]]:
    """Return which others each package imports."""
    packages = {path.parent.name for path in root.glob("*/__init__.py")} - {"tests"}
    found: dict[str, set[str]] = {}
    for package in packages:
        modules = (root / package).rglob("*.py")
        roots = {name.partition(".")[0] for module in modules for name in imported(module.read_text())}
        found[package] = roots & packages - {package}
    return found


def test_no_package_is_imported_by_what_it_imports() -> None:
    found = arrows()
    order = list(TopologicalSorter(found).static_order())
    assert found["scrape_doctor"] == set()
    assert order.index("clients") < order.index("release") < order.index("proofs")


def test_a_circle_of_packages_is_found(tmp_path: Path) -> None:
    for package, source in {"clients": "import release.plan\n", "release": "from clients import git\n"}.items():
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(source)
    with pytest.raises(CycleError):
        list(TopologicalSorter(arrows(tmp_path)).static_order())
