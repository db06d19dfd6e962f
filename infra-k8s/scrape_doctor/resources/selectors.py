"""Label selectors as Kubernetes and the Prometheus operator read them."""

from collections.abc import Mapping
from typing import Any

Selector = Mapping[str, Any]


def matches(selector: Selector | None, labels: Mapping[str, str]) -> bool:
    """Tell whether a selector selects an object with these labels: None selects nothing, an empty one everything."""
    return not unmet(selector, labels)


def unmet(selector: Selector | None, labels: Mapping[str, str]) -> list[str]:
    """Return the requirements that the labels do not meet, each as text."""
    if selector is None:
        return ["the selector is not set, which selects nothing"]
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    missing = [f"{key}={value}" for key, value in wanted.items() if labels.get(key) != value]
    for expression in selector.get("matchExpressions") or []:
        if not holds(expression, labels):
            missing.append(expression_as_text(expression))
    return missing


def holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether one of matchExpressions holds."""
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case other:
            raise ValueError(f"selector operator {other} is not one of In, NotIn, Exists, DoesNotExist")


def expression_as_text(expression: Mapping[str, Any]) -> str:
    """Write an expression as kubectl's -l takes it."""
    key, values = str(expression["key"]), ",".join(expression.get("values") or [])
    words = {
        "In": f"{key} in ({values})",
        "NotIn": f"{key} notin ({values})",
        "Exists": key,
        "DoesNotExist": f"!{key}",
    }
    return words[str(expression["operator"])]


def label_changes(selector: Selector | None, labels: Mapping[str, str]) -> str:
    """Return what `kubectl label` must set or take away for the selector to match; empty where nothing would do."""
    if not selector:
        return ""
    wanted = {k: f"={v}" for k, v in (selector.get("matchLabels") or {}).items() if labels.get(k) != v}
    for expression in selector.get("matchExpressions") or []:
        if not holds(expression, labels):
            change = {"In": f"={(expression.get('values') or [''])[0]}", "Exists": "=true"}
            wanted.setdefault(expression["key"], change.get(expression["operator"], "-"))
    return " ".join(key + change for key, change in wanted.items())


def is_specific(selector: Selector | None) -> bool:
    """Tell whether a selector asks for the value of some label, and so for certain objects rather than all."""
    expressions = (selector or {}).get("matchExpressions") or []
    return bool((selector or {}).get("matchLabels")) or any(each["operator"] == "In" for each in expressions)


def as_text(selector: Selector | None) -> str:
    """Write a selector on one line."""
    if selector is None:
        return "none set (selects nothing)"
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    parts += [expression_as_text(expression) for expression in selector.get("matchExpressions") or []]
    return ", ".join(parts) or "{} (selects everything)"
