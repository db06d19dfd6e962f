"""The gate's table: why it was passed, or why not."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from release.gate.judgement import Row, Verdict

COLOUR = {Verdict.PASSED: "green", Verdict.WORSE: "red", Verdict.NO_DATA: "red"}


def show(title: str, rows: Sequence[Row], console: Console) -> None:
    """Print one row for each measure."""
    table = Table(title=title, title_justify="left")
    for heading in ("measure", "new", "before", "limit", ""):
        table.add_column(heading, overflow="fold")
    for row in rows:
        verdict = f"[{COLOUR[row.verdict]}]{row.verdict.value}[/]"
        table.add_row(row.measure, row.new, row.before, row.limit, verdict)
    console.print(table)


def reasons(rows: Sequence[Row]) -> str:
    """Return what was wrong in one line; nothing where the gate is passed."""
    wrong = [row for row in rows if row.verdict is not Verdict.PASSED]
    return "; ".join(f"{row.measure} {row.new} ({row.verdict.value}, limit {row.limit or '-'})" for row in wrong)
