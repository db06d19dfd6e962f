"""What the chart's own defaults promise: the dashboard's thresholds and windows come from there."""

import yaml

from monitoring.rules import CHART

_SLO = yaml.safe_load((CHART / "values.yaml").read_text())["prometheusRule"]["slo"]

AVAILABILITY = float(_SLO["availability"])
LATENCY = float(_SLO["latency"]["objective"])
LATENCY_SECONDS = float(_SLO["latency"]["threshold"])
BURN_RATES = {row["long"]: float(row["burnRate"]) for row in _SLO["windows"]}
"""How many times faster than allowed the budget may be used, by long window, before somebody is notified."""
NOW = str(_SLO["windows"][0]["short"])
"""The window that shows how fast it goes now: the first alert's short one."""
