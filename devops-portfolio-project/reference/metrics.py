"""The application's own metrics, read from the calls that make them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pages.repositories import folder
from reference.table import Reference, code, sentence

MAKERS = ("Counter", "Gauge", "Histogram", "CounterMetricFamily", "GaugeMetricFamily", "HistogramMetricFamily")
PREFIXES = ("http_", "app_")


def read() -> Reference:
    """Return a row for each metric whose name is ours; those of prometheus-client are described there."""
    found = {row[0]: row for module in sorted((folder("flask-app") / "app").rglob("*.py")) for row in _rows(module)}
    return Reference(
        "Metrics",
        "`flask-app/app/`; `process_*`, `python_gc_*` and `python_info` come from prometheus-client",
        ("metric", "type", "labels", "what it says", "made in"),
        tuple(found[name] for name in sorted(found)),
    )


def _rows(module: Path) -> Iterator[tuple[str, ...]]:
    tree = ast.parse(module.read_text())
    names = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in MAKERS and len(call.args) > 1:
            name, text = (ast.literal_eval(argument) for argument in call.args[:2])
            if name.startswith(PREFIXES):
                made = getattr(call.func, "id", "").removesuffix("MetricFamily").lower()
                labels = ", ".join(code(label) for label in _labels(call, names))
                yield code(name), made, labels, sentence(text), code(f"flask-app/{module.relative_to(folder('flask-app'))}")


def _labels(call: ast.Call, names: dict[str, ast.expr]) -> tuple[str, ...]:
    """Return the label names: the third argument or `labels=`, itself or by the name that it was given."""
    given = [keyword.value for keyword in call.keywords if keyword.arg in ("labels", "labelnames")]
    value = (given or [*call.args[2:3]] or [ast.Tuple(elts=[], ctx=ast.Load())])[0]
    if isinstance(value, ast.Name):
        value = names[value.id]
    return tuple(ast.literal_eval(value)) if isinstance(value, ast.Tuple | ast.List) else ()
