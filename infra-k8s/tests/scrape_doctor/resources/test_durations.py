"""Durations in Prometheus' own form."""

import pytest

from scrape_doctor.resources.durations import milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30s", 30000), ("1m30s", 90000), ("500ms", 500), ("1h", 3600000), ("0", 0)]
    + [(text, None) for text in ("30", "", "s", "1s1m", "1.5s", "30 s")],
)
def test_a_duration_is_read(text: str, expected: int | None) -> None:
    assert milliseconds(text) == expected
