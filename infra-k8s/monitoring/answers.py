"""Does a real Prometheus answer what a dashboard asks?"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import time
from typing import Protocol

from monitoring import queries
from scrape_doctor import promql


class Sample(Protocol):
    """One series of an answer."""

    @property
    def labels(self) -> Mapping[str, str]: ...

    @property
    def value(self) -> float: ...


class Prometheus(Protocol):
    """Who is asked."""

    def query(self, promql: str, /) -> Sequence[Sample]: ...


def check(prometheus: Prometheus, dashboard: queries.Dashboard, selected: Mapping[str, str], since: float) -> list[str]:
    """Ask everything that `dashboard` asks and return what is wrong, one line for each; nothing means all is well.

    `selected` holds the values that a reader picks (`namespace`, `service`); the other variables take the values that
    Prometheus has for them, all of them where several may be picked. A query that answers no number is wrong, and so is
    a metric without samples of its own, whatever `or vector(0)` makes of it. Samples from before `since`, in seconds
    since the epoch, are another run's and do not count.
    """
    # A length of time, which is the same by Prometheus's clock.
    age = max(1, math.floor(time() - since))
    values, problems = resolve(prometheus, dashboard, {**queries.built_in(age), **selected})
    wanted: set[str] = set()
    for query in (*queries.annotations(dashboard), *(q for panel in queries.panels(dashboard) for q in panel.queries)):
        try:
            expr = promql.fill(query.expr, values)
        except KeyError as error:
            problems.append(f"{query.place}: the variable {error} has no value")
            continue
        if not any(math.isfinite(sample.value) for sample in prometheus.query(expr)):
            problems.append(f"{query.place}: no number in the answer to {expr}")
        wanted |= set(_own(expr))
    problems += _without_samples(prometheus, sorted(wanted), values["__range"])
    return problems


def resolve(
    prometheus: Prometheus, dashboard: queries.Dashboard, given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Fill in the variables in their order, as Grafana does, and return them with what was wrong."""
    values = dict(given)
    problems: list[str] = []
    for variable in queries.variables(dashboard):
        expr = promql.fill(variable.query.expr, values)
        found = sorted({sample.labels.get(variable.label, "") for sample in prometheus.query(expr)} - {""})
        if not found:
            problems.append(f"{variable.query.place}: no value in the answer to {expr}")
            found = ["nothing"]
        values.setdefault(variable.name, f"({'|'.join(found)})" if variable.several else found[0])
    return values, problems


def _own(expr: str) -> Iterator[str]:
    """Yield, for each metric in `expr`, the bare selector of its samples in the same namespace."""
    for selector in promql.selectors(expr):
        namespace = promql.equal(selector, "namespace")
        yield promql.name(selector) + (f'{{namespace="{namespace}"}}' if namespace else "")


def _without_samples(prometheus: Prometheus, selectors: Iterable[str], span: str) -> list[str]:
    return [
        f"metric {selector}: no samples in the last {span}"
        for selector in selectors
        if not prometheus.query(f"count(last_over_time({selector}[{span}]))")
    ]
