from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.faults.kinds import KINDS, Fault, InvalidFault

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["rate", "seconds", "route", "x"]), each),
)


@given(st.sampled_from(sorted(KINDS)), JSON)
def test_any_payload_is_a_fault_within_bounds_or_refused(kind: str, payload: object) -> None:
    try:
        fault = Fault.parse(kind, payload, ["/"])
    except InvalidFault:
        return
    assert 0 < fault.rate <= 1
    assert 0 < fault.remaining <= 3600
    assert fault.route in ("*", "/")


@pytest.mark.parametrize(("payload", "low", "high"), [({"rate": 0.3}, 800, 1000), ({}, 3000, 3000)])
def test_share_of_its_occasions_is_its_rate(payload: Mapping[str, object], low: int, high: int) -> None:
    fault = Fault.parse("unready", payload, [])
    # four standard deviations either way
    assert low <= sum(fault.should_trigger() for _ in range(3000)) <= high
