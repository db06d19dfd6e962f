"""What the rules' and dashboards' tests share."""

import os

import pytest

from local.prometheus import PrometheusMissing, find


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return Prometheus's own rule checker; without one, skip with the reason, or fail where nothing may be skipped."""
    try:
        return str(find().promtool)
    except PrometheusMissing as lack:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(lack))
