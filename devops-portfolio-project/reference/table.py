"""A table of the reference: its heading, where its rows come from, and the rows."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One table; `source` is what to read to learn more, `columns` the header row."""

    heading: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return heading, source and table as Markdown."""
        lines = (
            f"## {self.heading}",
            "",
            f"From {self.source}.",
            "",
            *table(self.columns, self.rows),
        )
        return "\n".join(lines) + "\n"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    header = list(columns)
    return [_line(header), _line("---" for _ in header), *(_line(row) for row in rows)]


def _line(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", chr(92) + "|") for cell in cells)
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in escaped)


def code(text: str) -> str:
    """Set a text in code; nothing at all stays nothing."""
    return f"`{text}`" if text else ""


def sentence(text: str) -> str:
    """Return a description on one line, without its full stop; what looks like HTML outside code is escaped."""
    parts = " ".join(text.split()).rstrip(".").split("`")
    return "`".join(part if number % 2 else part.replace("<", r"\<") for number, part in enumerate(parts))
