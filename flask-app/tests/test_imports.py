"""The folders of the application import each other one way: the list of them, sorted, is its architecture."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[1] / "app"


def imported(module: Path) -> Iterator[str]:
    """Yield the folder or module of the application that each import of a module reaches, at run time."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and (name := node.module or "").partition(".")[0] == "app":
            yield from [name.split(".")[1]] if "." in name else [alias.name for alias in node.names]


def arrows(app: Path = APP) -> dict[str, set[str]]:
    """Return which others each folder or module at the top of `app` imports."""
    found: dict[str, set[str]] = {}
    for module in app.rglob("*.py"):
        room = module.relative_to(app).parts[0].removesuffix(".py")
        if room == "__init__":  # hands the factory on
            continue
        found.setdefault(room, set()).update(set(imported(module)) - {room})
    return found


def test_no_folder_is_imported_by_what_it_imports() -> None:
    order = list(
        TopologicalSorter({room: names for room, names in arrows().items() if room != "__init__"}).static_order()
    )
    assert order.index("server") < order.index("metrics") < order.index("health") < order.index("views")


def test_a_circle_is_found(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "drain.py").write_text("from app.health import Health\n")
    (tmp_path / "health.py").write_text("from app import metrics\n")
    (tmp_path / "metrics.py").write_text("from app.server.records import Records\n")
    with pytest.raises(CycleError):
        list(TopologicalSorter(arrows(tmp_path)).static_order())
