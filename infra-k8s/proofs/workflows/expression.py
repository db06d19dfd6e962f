"""GitHub's expressions, as far as a workflow's own `concurrency` uses them; everything else act evaluates."""

import re
from collections.abc import Mapping

WHOLE = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
TOKEN = re.compile(r"\s*(?:(?P<operator>&&|\|\||==|!=)|'(?P<text>[^']*)'|(?P<name>[\w.-]+))")

Value = str | bool


class NotUnderstood(ValueError):
    """An expression says something that is not known here; the message quotes it."""


def evaluate(expression: str, context: Mapping[str, str]) -> Value:
    """Return what names, strings, `==`, `!=`, `&&` and `||` come to; raise NotUnderstood for anything else."""
    tokens, end = [], 0
    while found := TOKEN.match(expression, end):
        tokens.append(found)
        end = found.end()
    if expression[end:].strip() or len(tokens) % 2 == 0:
        raise NotUnderstood(expression)
    values = [operand(token, context) for token in tokens[::2]]
    operators = [token["operator"] for token in tokens[1::2]]
    if None in operators:
        raise NotUnderstood(expression)
    for binding in (("==", "!="), ("&&",), ("||",)):
        values, operators = reduced(values, operators, binding)
    return values[0]


def operand(token: re.Match[str], context: Mapping[str, str]) -> Value:
    """Return the value of a string, `true`, `false` or a name."""
    if token["text"] is not None:
        return token["text"]
    if token["name"] in ("true", "false"):
        return token["name"] == "true"
    if token["name"] is None or token["name"] not in context:
        raise NotUnderstood(token[0].strip())
    return context[token["name"]]


def reduced(values: list[Value], operators: list[str], binding: tuple[str, ...]) -> tuple[list[Value], list[str]]:
    """Apply the operators that bind equally, from left to right, and return what is left."""
    left, waiting = [values[0]], []
    for operator, value in zip(operators, values[1:], strict=True):
        if operator in binding:
            left[-1] = applied(left[-1], operator, value)
        else:
            left.append(value)
            waiting.append(operator)
    return left, waiting


def applied(left: Value, operator: str, right: Value) -> Value:
    """Apply one operator; `&&` and `||` return one of their sides."""
    if operator == "&&":
        return right if left else left
    if operator == "||":
        return left or right
    return (left == right) == (operator == "==")


def filled(text: str, context: Mapping[str, str]) -> str:
    """Return a text with its `${{ … }}` evaluated."""
    return WHOLE.sub(lambda found: written(evaluate(found[1], context)), text)


def written(value: Value) -> str:
    """Return a value as GitHub writes it."""
    return value if isinstance(value, str) else str(value).lower()
