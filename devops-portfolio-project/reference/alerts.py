"""The alerts, read from the chart's rules before their parameters are filled in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pages.repositories import folder
from reference.table import Reference, code, sentence

RULES = Path("helm", "flask-app", "files", "rules")
# What the chart, or Prometheus when it fires, fills in.
PARAMETER = re.compile(r"\$\{(\w+)\}|\{\{ \$labels\.(\w+) \}\}")


def rules(kind: str = "alert") -> Iterator[dict[str, Any]]:
    """Yield every rule that makes an alert, or records a series (`record`), file by file."""
    for file in sorted((folder("infra-k8s") / RULES).glob("*.yaml")):
        yield from (rule for rule in yaml.safe_load(file.read_text()) or [] if kind in rule)


def read() -> Reference:
    """Return a row for each alert, with its runbook."""
    rows = tuple(
        (
            f"[{rule['alert']}](runbooks/{rule['alert'].lower()}.md)",
            _by_window(rule["labels"]["severity"]),
            _by_window(str(rule["for"])),
            PARAMETER.sub(r"*\1\2*", sentence(rule["annotations"]["summary"])),
        )
        for rule in rules()
    )
    return Reference("Alerts", f"`infra-k8s/{RULES}/`", ("alert", "severity", "after", "what it says"), rows)


def _by_window(text: str) -> str:
    """Return a text; one that the chart fills in depends on the pair of windows, or on the value of that name."""
    if not text.startswith("${"):
        return text
    return code("prometheusRule.faultActiveFor") if text == "${faultActiveFor}" else "by window"
