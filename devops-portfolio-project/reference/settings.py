"""The application's settings, read from the fields of `Config`."""

import ast
from collections.abc import Iterator

from pages.repositories import folder
from reference.table import Reference, code

SOURCE = "app/config.py"


def read() -> Reference:
    """Return a row for each setting; raise LookupError where the source no longer has the form that is read here."""
    tree = ast.parse((folder("flask-app") / SOURCE).read_text())
    rows = tuple(_rows(tree))
    if not rows:
        raise LookupError(f"flask-app/{SOURCE}: no field of Config is annotated with a Setting")
    return Reference(
        "Settings",
        f"`flask-app/{SOURCE}`: environment variables, read once; one that cannot be used stops the start",
        ("variable", "default", "what it sets"),
        rows,
    )


def _rows(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    for config in (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config"):
        for field in (node for node in config.body if isinstance(node, ast.AnnAssign)):
            for call in ast.walk(field.annotation):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Setting":
                    variable, _, text = call.args
                    yield code(ast.literal_eval(variable)), _default(field.value), ast.literal_eval(text)


def _default(value: ast.expr | None) -> str:
    """Return the default as one writes it into the environment; empty where there is none."""
    if not isinstance(value, ast.Constant) or value.value is None:
        return ""
    return code(str(value.value).lower() if isinstance(value.value, bool) else str(value.value))
