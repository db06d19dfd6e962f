#!/usr/bin/env python3
"""Write what README.md and openapi.json lack of the settings and of the template's own routes: `make describe`.

A route of a module that is added to the template needs no description. The rows of settings are written again.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from app.config import Config

ROOT = Path(__file__).parent.parent
README, DOCUMENT = ROOT / "README.md", ROOT / "openapi.json"
# The template's own blueprints, and Flask's own route.
TEMPLATE = {"dashboard", "faults", "health", "info", "metrics", "openapi", "static", "stats"}


def template_rules(app: Flask) -> list[Rule]:
    """Return the routes of `app` that README.md and openapi.json have to describe."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in TEMPLATE]


def path(rule: Rule) -> str:
    """Return a route as OpenAPI writes it."""
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)


def methods(rule: Rule) -> set[str]:
    """Return the methods that are described of a route."""
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def setting_rows() -> list[str]:
    """Return the rows of the table of settings, as the code has them."""
    defaults = Config()

    def shown(value: object) -> str:
        return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"

    return [
        f"| `{setting.variable}` | {shown(getattr(defaults, name))} | {setting.text} |".replace("|  |", "| |")
        for name, setting in Config.settings().items()
    ]


def rows(readme: str, heading: str) -> list[str]:
    """Return the rows of the table under a heading."""
    section = readme.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def with_readme_rows(readme: str, app: Flask) -> str:
    """Return the README with a row for every setting, and one for each of the template's routes."""
    old = rows(readme, "Settings")
    readme = readme.replace("\n".join(old), "\n".join(setting_rows()))
    endpoints = rows(readme, "Endpoints")
    missing = {rule.rule: _summary(app, rule) for rule in template_rules(app) if f"| `{rule.rule}` |" not in readme}
    added = [f"| `{route}` | {summary} |" for route, summary in missing.items()]
    return readme.replace(endpoints[-1], "\n".join([endpoints[-1], *added]))


def with_routes(document: str, app: Flask) -> str:
    """Return the OpenAPI document with a first description of each of the template's routes that it lacks."""
    described = json.loads(document)["paths"]
    for rule in template_rules(app):
        if path(rule) not in described:
            block = json.dumps(
                {path(rule): {method.lower(): _operation(app, rule) for method in methods(rule)}}, indent=2
            )
            inner = "".join(f"  {line}\n" for line in block.splitlines()[1:-1]).rstrip("\n")
            document = document.replace('  "paths": {\n', f'  "paths": {{\n{inner},\n', 1)
    return document


def _operation(app: Flask, rule: Rule) -> dict[str, Any]:
    error, failure = ({"$ref": f"#/components/responses/{name}"} for name in ("Error", "Failure"))
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": "example"}
        for name in sorted(rule.arguments)
    ]
    return {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": _summary(app, rule),
        **({"parameters": parameters} if parameters else {}),
        "responses": {
            "200": {"description": _summary(app, rule), "content": {"*/*": {}}},
            "413": error,
            "431": error,
            "5XX": failure,
        },
    }


def _summary(app: Flask, rule: Rule) -> str:
    return (inspect.getdoc(app.view_functions[rule.endpoint]) or rule.endpoint).splitlines()[0].removesuffix(".")


def main() -> None:
    """Rewrite both files."""
    app = create_app(Config())
    README.write_text(with_readme_rows(README.read_text(), app))
    DOCUMENT.write_text(with_routes(DOCUMENT.read_text(), app))


if __name__ == "__main__":
    main()
