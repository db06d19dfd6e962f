"""The recording rules, read from the chart's rules before their parameters are filled in."""

from reference.alerts import PARAMETER, RULES, rules
from reference.table import Reference, code


def read() -> Reference:
    """Return a row for each series that is recorded; one with a window in its name is recorded for each window."""
    found = {
        (rule["record"], rule.get("labels", {}).get("slo", "")): " ".join(rule["expr"].split())
        for rule in rules("record")
    }
    rows = tuple(
        (code(PARAMETER.sub(r"<\1>", name)), slo, code(PARAMETER.sub(r"<\1>", expression)))
        for (name, slo), expression in found.items()
    )
    return Reference("Recording rules", f"`infra-k8s/{RULES}/`", ("series", "label `slo`", "expression"), rows)
