"""Several Prometheus servers, asked as one."""

from scrape_doctor.read.prometheus import joined
from scrape_doctor.snapshot import PrometheusAnswers


def test_the_answers_of_shards_are_joined() -> None:
    one = PrometheusAnswers(
        targets=({"a": 1},), groups=({"name": "g"},), metrics=frozenset({"up"}), samples={("j", "1"): 2.0}
    )
    other = PrometheusAnswers(targets=({"b": 2},), metrics=frozenset({"x"}), samples={("j", "2"): 3.0})
    both = joined([one, other])
    assert both.targets == ({"a": 1}, {"b": 2})
    assert both.groups == ({"name": "g"},)
    assert both.metrics == {"up", "x"}
    assert dict(both.samples) == {("j", "1"): 2.0, ("j", "2"): 3.0}
    assert (both.error, both.reloaded) == ("", True)


def test_one_silent_or_outdated_server_makes_the_join_unreliable() -> None:
    assert joined([PrometheusAnswers(), PrometheusAnswers(error="ConnectError")]).error == "ConnectError"
    assert not joined([PrometheusAnswers(), PrometheusAnswers(reloaded=False)]).reloaded
