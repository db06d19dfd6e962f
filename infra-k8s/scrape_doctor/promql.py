"""What a PromQL expression reads, and how Grafana's variables are filled in before Prometheus sees it."""

import re
from collections.abc import Mapping

import promql_parser as parser

# `$1` is a regular expression's group, not a variable.
VARIABLE = re.compile(r"\$\{(?P<braced>[a-zA-Z_]\w*)(?::\w+)?\}|\$(?P<plain>[a-zA-Z_]\w*)|\[\[(?P<bracketed>\w+)\]\]")


def fill(expr: str, variables: Mapping[str, str]) -> str:
    """Replace `$name`, `${name}`, `${name:format}` and `[[name]]` by their values.

    Raises:
        KeyError: with the name of a variable that has no value.
    """
    return VARIABLE.sub(lambda found: variables[found[found.lastgroup or ""]], expr)


def variables(expr: str) -> set[str]:
    """Return the names of the Grafana variables in `expr`."""
    return {found[found.lastgroup or ""] for found in VARIABLE.finditer(expr)}


def metrics(expr: str) -> set[str]:
    """Return the names of the metrics that `expr` reads.

    Raises:
        ValueError: if it is not PromQL, or selects series without naming a metric.
    """
    return {name(selector) for selector in selectors(expr)}


def selectors(expr: str) -> list[parser.VectorSelector]:
    """Return every series selector in `expr`, those of ranges and subqueries too.

    Raises:
        ValueError: if it is not PromQL.
    """
    found: list[parser.VectorSelector] = []

    def visit(node: parser.Expr) -> None:
        if isinstance(node, parser.VectorSelector):
            found.append(node)
        elif isinstance(node, parser.MatrixSelector):
            found.append(node.vector_selector)

    try:
        parser.walk(parser.parse(expr), visit)
    except ValueError as error:
        raise ValueError(f"not PromQL: {expr}: {error}") from error
    return found


def name(selector: parser.VectorSelector) -> str:
    """Return the metric that `selector` names, before its braces or as `__name__`.

    Raises:
        ValueError: if it names none.
    """
    named = selector.name or equal(selector, "__name__")
    if named is None:
        raise ValueError(f"selects series without naming a metric: {selector}")
    return named


def equal(selector: parser.VectorSelector, label: str) -> str | None:
    """Return the value that `selector` demands of `label`, or None if it demands no single one."""
    for matcher in selector.matchers.matchers:
        if matcher.name == label and matcher.op == parser.MatchOp.Equal:
            return matcher.value
    return None
