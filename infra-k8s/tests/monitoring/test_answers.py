"""What counts as an answer. The real Prometheus is asked in the cluster's proofs; here it answers from a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from monitoring import answers


@dataclass
class Series:
    value: float = 1.0
    labels: dict[str, str] = field(default_factory=dict)


class Table:
    """A Prometheus that knows some answers by heart."""

    def __init__(self, **known: Sequence[Series]) -> None:
        self.known = known
        self.asked: list[str] = []

    def query(self, promql: str, /) -> Sequence[Series]:
        self.asked.append(promql)
        return next((series for part, series in self.known.items() if part in promql), [])


def dashboard(expr: str) -> dict[str, object]:
    return {
        "templating": {
            "list": [
                {"type": "query", "name": "namespace", "query": "label_values(info, namespace)"},
                {
                    "type": "query",
                    "name": "pod",
                    "multi": True,
                    "query": 'label_values(pods{namespace="$namespace"}, pod)',
                },
            ]
        },
        "panels": [{"type": "stat", "title": "P", "targets": [{"refId": "A", "expr": expr}]}],
    }


# The run began a minute ago.
SINCE = 1_000.0


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "time", lambda: SINCE + 60)


INFO = [Series(labels={"namespace": "ours"}), Series(labels={"namespace": "theirs"})]
PODS = [Series(labels={"pod": "b"}), Series(labels={"pod": "a"})]


def test_variables_take_what_prometheus_has_for_them() -> None:
    prometheus = Table(info=INFO, pods=PODS, requests=[Series()])
    assert answers.check(prometheus, dashboard('requests{namespace="$namespace",pod=~"$pod"}'), {}, SINCE) == []
    assert 'requests{namespace="ours",pod=~"(a|b)"}' in prometheus.asked


def test_a_picked_value_wins() -> None:
    prometheus = Table(info=INFO, pods=PODS, requests=[Series()])
    answers.check(prometheus, dashboard('requests{namespace="$namespace"}'), {"namespace": "theirs"}, SINCE)
    assert 'requests{namespace="theirs"}' in prometheus.asked
    assert 'group by (pod) (pods{namespace="theirs"})' in prometheus.asked


@pytest.mark.parametrize("answer", [[], [Series(math.nan)], [Series(math.inf)]])
def test_an_answer_without_a_number_is_a_problem(answer: list[Series]) -> None:
    prometheus = Table(info=INFO, pods=PODS, count=[Series()], requests=answer)
    problems = answers.check(prometheus, dashboard("requests"), {}, SINCE)
    assert problems == ["panel P (A): no number in the answer to requests"]


def test_a_metric_without_samples_is_not_hidden_by_a_default() -> None:
    prometheus = Table(info=INFO, pods=PODS, vector=[Series()])
    problems = answers.check(prometheus, dashboard('sum(typo{namespace="$namespace",a="b"}) or vector(0)'), {}, SINCE)
    assert problems == ['metric typo{namespace="ours"}: no samples in the last 60s']


def test_samples_from_before_the_run_do_not_count() -> None:
    prometheus = Table(info=INFO, pods=PODS)
    answers.check(prometheus, dashboard("increase(requests[$__range])"), {}, SINCE)
    assert prometheus.asked[-2:] == ["increase(requests[60s])", "count(last_over_time(requests[60s]))"]


def test_a_variable_without_values_is_a_problem() -> None:
    problems = answers.check(Table(requests=[Series()]), dashboard("requests"), {"namespace": "ours"}, SINCE)
    assert problems == [
        "variable namespace: no value in the answer to group by (namespace) (info)",
        'variable pod: no value in the answer to group by (pod) (pods{namespace="ours"})',
    ]


def test_a_variable_that_nothing_defines_is_a_problem() -> None:
    problems = answers.check(Table(info=INFO, pods=PODS), dashboard('a{b="$unknown"}'), {}, SINCE)
    assert problems == ["panel P (A): the variable 'unknown' has no value"]
