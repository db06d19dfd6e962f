import math

import pytest

from release.gate.measurements import NOTHING, Requests

BUCKETS = {0.1: 90.0, 0.25: 99.0, math.inf: 100.0}


def test_failed_is_the_share_of_5xx() -> None:
    assert Requests({"200": 95, "404": 3, "500": 1, "503": 1}, {}).failed == 0.02


def test_slow_is_the_share_over_the_threshold() -> None:
    assert Requests({}, BUCKETS).slow(0.25) == pytest.approx(0.01)


def test_share_over_a_threshold_that_is_no_bucket_is_unknown() -> None:
    assert math.isnan(Requests({}, BUCKETS).slow(0.3))


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.45, 0.05), (0.9, 0.1), (0.945, 0.175), (0.999, 0.25)], ids=lambda number: str(number)
)
def test_quantile_is_interpolated_within_its_bucket(share: float, seconds: float) -> None:
    assert Requests({}, BUCKETS).quantile(share) == pytest.approx(seconds)


def test_nothing_is_unknown_and_not_good() -> None:
    assert math.isnan(NOTHING.failed)
    assert math.isnan(NOTHING.slow(0.25))
    assert math.isnan(NOTHING.quantile(0.99))
