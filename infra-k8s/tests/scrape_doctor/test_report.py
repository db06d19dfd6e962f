"""What is printed: tables that fit the terminal, Markdown that a page can hold."""

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from scrape_doctor import report
from scrape_doctor.__main__ import show
from scrape_doctor.chain import walk
from scrape_doctor.examination import Examination
from tests.scrape_doctor.cases import CASES
from tests.scrape_doctor.world import SETTINGS, healthy


def examination(chart: str, fault: Callable[..., object] = lambda world: None) -> Examination:
    world = healthy(chart)
    fault(world)
    snapshot = world.snapshot()
    return Examination(snapshot.scope, walk(snapshot))


@pytest.fixture(scope="module")
def broken() -> list[Examination]:
    """One examination of each cause."""
    by_cause = {cause: (chart, fault) for chart, _, cause, fault in CASES}
    return [examination(chart, fault) for chart, fault in by_cause.values()]


def table_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line[:1] in "┏┃┡│└├"]


@pytest.mark.parametrize("width", [80, 120, 250])
def test_a_table_fits_the_terminal(width: int, broken: list[Examination]) -> None:
    console = Console(record=True, width=width)
    report.show_all(console, broken)
    for each in broken:
        report.show(console, each)
    lines = table_lines(console.export_text(clear=False))
    assert len(lines) > len(broken)
    assert max(map(len, lines)) <= width


def test_a_wide_terminal_is_used(broken: list[Examination]) -> None:
    rows = {}
    for width in (80, 400):
        console = Console(record=True, width=width)
        report.show_all(console, broken)
        rows[width] = [line for line in table_lines(console.export_text()) if line.startswith("│")]
    assert len(rows[400]) == len(broken) < len(rows[80])


def rendered(text: str, tag: str) -> int:
    html = str(MarkdownIt().enable("table").render(text))
    return html.count(f"<{tag}>")


@pytest.mark.parametrize("together", [True, False])
def test_markdown_is_a_table_whose_rows_are_whole(
    together: bool, broken: list[Examination], capsys: pytest.CaptureFixture[str]
) -> None:
    examinations = [*broken, *(examination(chart) for chart in SETTINGS)]
    show(examinations, "markdown", together=together)
    text = capsys.readouterr().out
    rows = len(examinations) if together else sum(len(each.examined) for each in examinations)
    headers = 1 if together else len(examinations)
    assert rendered(text, "tr") == rows + headers
    assert rendered(text, "td") == 3 * rows
    assert rendered(text, "table") == headers
    for each in broken:
        assert each.diagnosis is not None
        assert f"  {each.diagnosis.finding.fix.splitlines()[0]}\n" in text


def test_markdown_says_that_a_chain_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show([examination("choosy")], "markdown", together=False)
    assert capsys.readouterr().out.endswith("\nThe chain is whole.\n")
