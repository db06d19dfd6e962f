"""The environment variables that the tools and proofs read, from the calls that read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pages.repositories import APP, HERE, INFRA, THIS, WORKSPACE, folder
from reference.table import Reference, code

# Where tools and proofs live, by repository; the application's own settings have a table of their own.
TOOLS = {
    APP: ("image", "benchmarks"),
    INFRA: ("clients", "local", "minikube", "proofs", "release", "scrape_doctor"),
    THIS: ("pages", "pictures", "reference"),
    WORKSPACE: (".workspace/publish",),
}
NONE = (None, "", "/nowhere")  # the last is a folder that is never there
ENVIRONMENTS = ("os.environ", "environment")


def read() -> Reference:
    """Return a row for each variable: its default, and the modules that read it."""
    defaults: dict[str, str] = {}
    readers: dict[str, list[str]] = {}
    for repository, parts in TOOLS.items():
        root = HERE if repository == THIS else folder(repository)
        for module in (module for part in parts for module in sorted((root / part).rglob("*.py"))):
            for variable, default in _reads(module):
                defaults[variable] = defaults.get(variable) or default
                place = f"{'' if repository == WORKSPACE else f'{repository}/'}{module.relative_to(root)}"
                if place not in readers.setdefault(variable, []):
                    readers[variable].append(place)
    rows = tuple((code(name), code(defaults[name]), ", ".join(map(code, readers[name]))) for name in sorted(readers))
    return Reference("Variables of the tools and proofs", "their own calls", ("variable", "default", "read in"), rows)


def _reads(module: Path) -> Iterator[tuple[str, str]]:
    """Yield each variable that a module reads by name, with the default that it falls back to."""
    tree = ast.parse(module.read_text())
    fallbacks = {
        id(node.values[0]): node.values[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=source, attr="get"), args=[ast.Constant(value=str(name)), *rest]):
                default = rest[0] if rest else fallbacks.get(id(node))
            case ast.Subscript(value=source, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                default = None
            case _:
                continue
        if name.isupper() and ast.unparse(source) in ENVIRONMENTS:
            yield name, str(default.value) if isinstance(default, ast.Constant) and default.value not in NONE else ""
