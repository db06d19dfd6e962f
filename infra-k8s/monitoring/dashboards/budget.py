"""Objectives: how fast the error budgets go, and what is left of them."""

from monitoring.dashboards.objectives import BURN_RATES, NOW
from monitoring.dashboards.panels import GREEN, RED, SERVICE, YELLOW, AnyPanel, asks, graph

TITLE = "Objectives and error budgets"

KINDS = {"availability": "failed", "latency": "slow"}
LONGEST = list(BURN_RATES)[-1]
# The dashboard is made before a release names windows of its own.
DEFAULTS = "The windows are those of the chart's defaults; one that a release does not have stays empty."


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    return [
        *(_burn(slo) for slo in KINDS),
        graph(
            f"Error budget left ({LONGEST})",
            f"What is left of the failed and the slow requests that the objectives allow over {LONGEST}. Below zero, "
            f"an objective was missed. {DEFAULTS}",
            *(asks(f"1 - {_spent(slo, LONGEST)}", slo) for slo in KINDS),
            unit="percentunit",
            steps=((None, RED), (0, YELLOW), (0.25, GREEN)),
            signed=True,
        ),
    ]


def _burn(slo: str) -> AnyPanel:
    alerts = ", ".join(f"{rate:g} over {window}" for window, rate in BURN_RATES.items())
    return graph(
        f"Burn rate: {slo}",
        f"How many times faster than allowed the {slo} budget goes, by window; at 1 it lasts as long as promised. "
        f"Alerts begin at {alerts}. {DEFAULTS}",
        *(asks(_spent(slo, window), window) for window in (NOW, *BURN_RATES)),
        unit="suffix:x",
        steps=((None, GREEN), (1, YELLOW), (max(BURN_RATES.values()), RED)),
    )


def _spent(slo: str, window: str) -> str:
    ratio = f"max(service:http_requests_{KINDS[slo]}:ratio_rate{window}{{{SERVICE}}})"
    return f'{ratio} / (1 - max(service:slo_objective:ratio{{{SERVICE},slo="{slo}"}}))'
