"""Each step of the page does on a copy what the page says; those of the chart's repository are followed there."""

from pathlib import Path

import pytest

from tests.guide import Copy, copied, headings

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

# Everything that holds a route, a metric, a setting or a dependency against what else names them.
TESTS = (
    "tests/test_config.py",
    "tests/test_metrics.py",
    "tests/test_readme.py",
    "tests/test_requirements.py",
    "tests/scripts/test_describe.py",
    "tests/views/test_openapi.py",
    "tests/views/test_example.py",
)
ORDERS, PRICES = "tests/views/test_orders.py", "tests/views/test_prices.py"
ELSEWHERE = {"An alert", "A panel"}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return copied(tmp_path / "copy")


def test_every_step_is_followed() -> None:
    here = {"A route", "A metric", "A setting", "A dependency", "An upstream call", "Remove the example"}
    assert set(headings()) == here | ELSEWHERE


def test_route_needs_its_own_file_and_test_only(copy: Copy) -> None:
    copy.take("A route")
    assert copy.failures(*TESTS, ORDERS) == ""


def test_metric_needs_nothing_more(copy: Copy) -> None:
    copy.take("A route")
    copy.take("A metric")
    assert copy.failures(*TESTS, ORDERS) == ""


def test_setting_is_described_by_the_command_that_its_failure_names(copy: Copy) -> None:
    copy.take("A setting")
    assert "stale: make describe" in copy.failures(*TESTS)
    copy.make("describe")
    assert "`PRICES_URL`" in (copy.folder / "README.md").read_text()
    assert copy.failures(*TESTS) == ""


def test_dependency_is_locked_by_the_command_that_its_failure_names(copy: Copy) -> None:
    copy.take("A dependency")
    assert "not locked: make lock" in copy.failures(*TESTS)
    copy.make("lock")
    assert "requests==" in (copy.folder / "requirements.txt").read_text()
    assert copy.failures(*TESTS) == ""


def test_upstream_call_needs_its_own_files_only(copy: Copy) -> None:
    for step in ("A setting", "A dependency", "An upstream call"):
        copy.take(step)
    copy.make("describe")
    copy.make("lock")
    assert copy.failures(*TESTS, PRICES) == ""


@pytest.mark.parametrize("with_setting", [False, True], ids=["its setting left", "its setting too"])
def test_example_can_be_deleted(copy: Copy, with_setting: bool) -> None:
    for path in ("app/views/example.py", "tests/views/test_example.py"):
        (copy.folder / path).unlink()
    if with_setting:
        config = copy.folder / "app/config.py"
        lines = [line for line in config.read_text().splitlines() if "hello_greeting" not in line]
        config.write_text("\n".join(line for line in lines if "app/views/example.py" not in line) + "\n")
        copy.make("describe")
        assert "HELLO" not in (copy.folder / "README.md").read_text()
    assert copy.failures(*(each for each in TESTS if "example" not in each)) == ""


def test_route_of_the_templates_own_is_described_by_the_command_that_its_failure_names(copy: Copy) -> None:
    info = copy.folder / "app/views/info.py"
    more = '\n\n@bp.get("/api/info/<part>")\ndef part(part: str) -> dict[str, str]:\n    """Return a part."""\n'
    info.write_text(info.read_text() + more + '    return {"part": part}\n')
    assert "undescribed: make describe" in copy.failures(*TESTS)
    copy.make("describe")
    assert copy.failures(*TESTS) == ""
