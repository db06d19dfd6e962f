"""The package stands alone: it imports the standard library, its few dependencies and itself, and flows one way."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import scrape_doctor

PACKAGE = Path(scrape_doctor.__file__).parent
DEPENDENCIES = {"httpx", "kr8s", "promql_parser", "rich", "yaml"}
MODULES = {path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", "."): path.read_text()
           for path in sorted(PACKAGE.rglob("*.py"))}  # fmt: skip


def imported(source: str) -> Iterator[str]:
    """Yield the dotted names that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def foreign(source: str) -> set[str]:
    """Return the packages that are neither the standard library's, nor dependencies, nor this one."""
    return (
        {name.split(".")[0] for name in imported(source)} - sys.stdlib_module_names - DEPENDENCIES - {"scrape_doctor"}
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_needs_nothing_outside_the_package(module: str) -> None:
    assert foreign(MODULES[module]) == set()


def test_an_import_from_the_repository_is_found() -> None:
    assert foreign("import json\nfrom cluster.helm import helm\nimport kr8s") == {"cluster"}


@pytest.mark.parametrize(
    ("part", "never"),
    [
        ("resources", ("read", "checks", "snapshot", "report", "chain")),
        ("read", ("checks", "report", "chain", "finding")),
        ("checks", ("read", "report", "chain")),
        ("report", ("read", "checks")),
    ],
)
def test_the_flow_is_one_way(part: str, never: tuple[str, ...]) -> None:
    for module, source in MODULES.items():
        if module.split(".")[1:2] == [part]:
            names = [name.split(".")[1] for name in imported(source) if name.startswith("scrape_doctor.")]
            assert not set(names) & set(never), module


@pytest.mark.parametrize("module", ["cluster", "monitoring", "scope", "snapshot", "subject"])
def test_what_the_checks_read_is_frozen(module: str) -> None:
    tree = ast.parse(MODULES[f"scrape_doctor.{module}"])
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert classes
    for each in classes:
        assert [ast.unparse(decorator) for decorator in each.decorator_list] == ["dataclass(frozen=True)"], each.name
