from collections.abc import Callable
from typing import Any

import pytest

from helm.render import Object, render

Find = Callable[..., Object]


@pytest.fixture
def find() -> Find:
    """Render the chart and return its one object of a kind, by the end of its name."""

    def find(kind: str, values: dict[str, Any] | None = None, ending: str = "", **options: Any) -> Object:
        found = [
            each
            for each in render(values, **options)
            if each["kind"] == kind and each["metadata"]["name"].endswith(ending)
        ]
        assert len(found) == 1, [each["metadata"]["name"] for each in found]
        return found[0]

    return find
