"""Write the generated tables of docs/proofs.md, each between two marks."""

from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "proofs.md"


def replace_between(page: str, begin: str, end: str, text: str) -> str:
    """Return the page with the text between two marks replaced; raise ValueError if it lacks one of them."""
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{PAGE} has no place between {begin} and {end}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def markdown_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return the rows as a Markdown table."""
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
