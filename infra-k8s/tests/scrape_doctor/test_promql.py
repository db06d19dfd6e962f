import pytest

from scrape_doctor import promql


@pytest.mark.parametrize(
    ("expr", "metrics"),
    [
        ("up", {"up"}),
        ('sum by (a) (rate(b{c="d"}[5m])) / on (e) group_left (f) sum(g)', {"b", "g"}),
        ("a or vector(0)", {"a"}),
        ("a and on (x) (b unless c)", {"a", "b", "c"}),
        ("max_over_time(rate(a[5m])[1h:5m])", {"a"}),
        ('topk(scalar(k), -m{l=~"rate(x[5m])"} offset 5m)', {"k", "m"}),
        ('label_replace(up, "a", "$1", "b", "(.*)")', {"up"}),
        ('{__name__="a", b="c"}', {"a"}),
        ("time() - a", {"a"}),
        ("level:metric:rate5m > bool 1", {"level:metric:rate5m"}),
        ('count_values("version", a @ end())', {"a"}),
        ("absent(a == 1)", {"a"}),
        ("vector(1)", set()),
    ],
)
def test_every_selector_in_an_expression_gives_its_metric(expr: str, metrics: set[str]) -> None:
    assert promql.metrics(expr) == metrics


@pytest.mark.parametrize("expr", ["sum(", "rate(a)", "a +", "a{b=c}"])
def test_an_expression_that_prometheus_refuses_is_refused(expr: str) -> None:
    with pytest.raises(ValueError, match="not PromQL"):
        promql.metrics(expr)


def test_a_selector_that_names_no_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="without naming a metric"):
        promql.metrics('{job="a"}')


def test_variables_are_filled_in_however_they_are_written() -> None:
    filled = promql.fill(
        'a{b="$b",c=~"${c:regex}",d="[[d]]"}[$__range]', {"b": "1", "c": "2", "d": "3", "__range": "1h"}
    )
    assert filled == 'a{b="1",c=~"2",d="3"}[1h]'


def test_a_group_of_a_regular_expression_is_no_variable() -> None:
    assert promql.variables('label_replace(a, "b", "$1", "c", "$d")') == {"d"}


def test_a_variable_without_a_value_is_named() -> None:
    with pytest.raises(KeyError, match="pod"):
        promql.fill('a{pod="$pod"}', {})
